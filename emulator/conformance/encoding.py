"""The same call in other bytes: encodings that all mean the same to a server that reads them as it should."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from shared.http import HttpRequest

Encode = Callable[[str], str]


def percent(text: str) -> str:
    """Every reserved character and the space as ``%XX``."""
    return quote(text, safe="")


def plus(text: str) -> str:
    """As forms do: the space as ``+``."""
    return quote(text, safe=" ").replace(" ", "+")


def bare(text: str) -> str:
    """Base64 with its ``+``, ``/`` and ``=`` left as they are."""
    return quote(text, safe="+/=")


def encoded(
    request: HttpRequest, encode: Encode = percent, *, token: Encode = percent, pairs: Iterable[tuple[str, str]] = ()
) -> HttpRequest:
    """``request`` with its query encoded in the path; ``token`` is for ``authToken``, ``pairs`` replace the query."""
    pieces = (
        f"{percent(name)}={(token if name == 'authToken' else encode)(value)}" for name, value in pairs or request.query
    )
    return HttpRequest(request.method, f"{request.path}?{'&'.join(pieces)}", (), request.headers, request.body)


def spread(members: Mapping[str, Any]) -> bytes:
    """JSON over several lines, as people write it."""
    return json.dumps(members, ensure_ascii=False, indent=2, sort_keys=True).encode()


def escaped(members: Mapping[str, Any]) -> bytes:
    r"""JSON with ``\uXXXX`` for what is not ASCII."""
    return json.dumps(members, ensure_ascii=True, separators=(",", ":"), sort_keys=True).encode()
