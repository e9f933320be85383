"""URLs and headers, as they are pasted, to requests."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from shared.http import HttpRequest
from shared.runtimes import wire

_ESCAPED = re.compile(r"\\x([0-9A-Fa-f]{2})")
_BEHIND = ".,;:)。，；）"


def request_to(
    target: str, *, method: str = "", headers: Mapping[str, str] | None = None, body: bytes = b""
) -> HttpRequest | None:
    """The request for an address (a URL, or a path with its query); ``None`` if it is none.

    ``&amp;`` of a page and ``\\xHH`` of an nginx log are read as what they stand for. Without ``method`` a request that
    has a body is a POST.
    """
    plain = _ESCAPED.sub(r"%\1", target.replace("&amp;", "&")).rstrip(_BEHIND)
    try:
        parts = urlsplit(plain)
    except ValueError:
        return None
    fields = wire.header_fields((headers or {}).items())
    verb = (method or ("POST" if body else "GET")).upper()
    return HttpRequest(verb, parts.path or "/", wire.parse_query(parts.query), fields, body)


def header_lines(text: str) -> dict[str, str]:
    """The ``Name: value`` lines of a text."""
    return dict(re.findall(r"^[ \t]*([A-Za-z][A-Za-z0-9-]*)[ \t]*[:：][ \t]*(\S.*?)[ \t\r]*$", text, re.MULTILINE))
