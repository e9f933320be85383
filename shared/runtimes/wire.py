"""What the gateways' events have in common.

Only the gateway writes an event's frame, so a frame that does not fit is an error. What the caller put into it never
is: it may be anything, and has to get as far as the verification that refuses it.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from shared.errors import KooGalleryError
from shared.http import HttpResponse

Query: TypeAlias = tuple[tuple[str, str], ...]

MAX_FIELDS = 256
"""Query parameters read at most; the longest documented call has about 40."""


class EventError(KooGalleryError):
    """The event is not an HTTP event of this platform: the function is wired to something else, or invoked by hand."""


def parse_query(raw: str) -> Query:
    """The decoded pairs of a raw query string, in order, blank values kept.

    Percent-escapes that are not UTF-8 become U+FFFD, and a query of more than ``MAX_FIELDS`` fields counts as empty.
    Both then fail verification, because neither is what the marketplace signed.
    """
    try:
        return tuple(parse_qsl(encodable(raw), keep_blank_values=True, errors="replace", max_num_fields=MAX_FIELDS))
    except ValueError:
        return ()


def flatten(parameters: object) -> Query:
    """The pairs of a map of decoded parameters whose values are a string or a list of strings; limits as above."""
    pairs = tuple(
        (encodable(str(name)), value) for name, values in mapping(parameters).items() for value in strings(values)
    )
    return pairs if len(pairs) <= MAX_FIELDS else ()


def header_fields(fields: Iterable[tuple[str, object]]) -> dict[str, str]:
    """Headers under lower-case names.

    A field that came several times is joined with commas (RFC 9110, section 5.3), as HTTP API and function URLs do
    themselves. Doubling a field that has one value therefore spoils it everywhere alike, instead of one value winning.
    """
    found: dict[str, list[str]] = {}
    for name, values in fields:
        found.setdefault(str(name).lower(), []).extend(strings(values))
    return {name: ("; " if name == "cookie" else ", ").join(values) for name, values in found.items()}


def body_bytes(event: Mapping[str, Any]) -> bytes:
    """The exact body, from ``body`` and ``isBase64Encoded``.

    Somebody who types an event into a console writes the body as he has it: as plain text where Base64 is announced,
    or as the JSON it is. Such a body counts as it stands; whether it is signed is not for the event to say.
    """
    body = event.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        return _json(body)
    if event.get("isBase64Encoded") is True:
        with suppress(ValueError):
            # Line breaks are let through: FunctionGraph's own event classes expect the MIME form, which has them.
            return b64decode("".join(body.split()), validate=True)
    return body.encode("utf-8", "replace")


def headers(response: HttpResponse) -> dict[str, str]:
    """The headers an answer leaves with, cookies apart: nothing between here and the caller may keep any answer.

    Answers hold ways in, passwords, tokens, people; a cache in front would give them to whoever asks next.
    """
    return {"Cache-Control": "no-store", **response.headers}


def body_text(body: bytes) -> tuple[str, bool]:
    """``body`` for a JSON answer, and whether it is in Base64: UTF-8 goes out as text, anything else in Base64.

    Either way the client receives exactly these bytes, which are the bytes that were signed.
    """
    try:
        return body.decode("utf-8"), False
    except UnicodeDecodeError:
        return b64encode(body).decode("ascii"), True


def mapping(value: object) -> Mapping[str, Any]:
    """``value`` if it is a map; gateways write ``null`` or nothing for an empty one."""
    return value if isinstance(value, Mapping) else {}


def first_map(event: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """The first of the members ``names`` that is a map and not empty."""
    return next((found for name in names if (found := mapping(event.get(name)))), {})


def required(event: Mapping[str, Any], name: str) -> str:
    """The non-empty string ``event[name]``.

    :raises EventError: if it is anything else.
    """
    value = event.get(name)
    if isinstance(value, str) and value:
        return encodable(value)
    raise EventError(f"the event has no {name}")


def strings(values: object) -> list[str]:
    """``values`` as a list of strings, whether it came alone, in a list, or as ``null``; numbers are spelt out, and
    what is no single value counts as empty.
    """
    several = values if isinstance(values, list) else [values]
    return [encodable(str(value)) if isinstance(value, str | int | float) else "" for value in several]


def _json(body: object) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    except (TypeError, ValueError, RecursionError):
        return b""


def encodable(text: str) -> str:
    """``text`` with lone surrogates, which JSON can express and UTF-8 cannot, made harmless."""
    return text.encode("utf-8", "replace").decode("utf-8")
