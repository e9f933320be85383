"""Reads an answer of HTTP/1 (RFC 9112), and nothing that could be taken for two.

``http.client`` reads heads with the parser of e-mail, which costs more than the rest of a call and accepts whatever
looks like mail. Here a line is a field or the answer is broken: none that is folded, no length but digits, no coding
but ``chunked``.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from shared.http import HttpResponse
from shared.outbound.http_client import ConnectionLost
from shared.outbound.incoming import Incoming, too_large

_FIELD = r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\0\r\n]*)\r?\n"
_FIELDS = re.compile(_FIELD)
_HEAD = re.compile(rf"HTTP/1\.([0-9]) ([1-9][0-9][0-9])(?: [^\0\r\n]*)?\r?\n((?:{_FIELD})*)\r?\n")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")
_LENGTH = re.compile(r"(\d{1,15})(?:[ \t]*,[ \t]*\1)*", re.ASCII)
_ENDS = (b"\r\n", b"\n")
_LISTS = frozenset({"connection", "content-length", "transfer-encoding"})
"""Fields that say where an answer ends: all of a name count, while of others the last one does."""
_FINAL = 200
_NO_CONTENT, _NOT_MODIFIED = 204, 304


class _Head(NamedTuple):
    minor: str
    status: int
    fields: Mapping[str, str]


def read_answer(incoming: Incoming, method: str, limit: int) -> tuple[HttpResponse, bool]:
    """The answer to a request, behind any interim ones (1xx); and whether another may follow on the connection.

    :param limit: bytes of the body at most.
    :raises ConnectionLost: it ends too early, or is not HTTP.
    :raises Unavailable: it is too large.
    :raises TimeoutError: time is over.
    """
    while (head := _head(incoming)).status < _FINAL:
        pass
    incoming.allowed = 2 * limit  # as sent: with the sizes of chunks, their extensions and trailers
    body, ended = (b"", True) if _is_bare(head, method) else _body(incoming, head.fields, limit)
    return HttpResponse(head.status, head.fields, body), ended and incoming.is_empty and _stays(head)


def _head(incoming: Incoming) -> _Head:
    if not (found := _HEAD.fullmatch(incoming.head().decode("latin-1"))):
        raise _broken("head")
    fields: dict[str, str] = {}
    for spelt, sent in _FIELDS.findall(found[3]):
        name, value = spelt.lower(), sent.strip(" \t")
        fields[name] = f"{fields[name]},{value}" if name in _LISTS and name in fields else value
    return _Head(found[1], int(found[2]), fields)


def _is_bare(head: _Head, method: str) -> bool:
    return method == "HEAD" or head.status in (_NO_CONTENT, _NOT_MODIFIED)


def _body(incoming: Incoming, fields: Mapping[str, str], limit: int) -> tuple[bytes, bool]:
    """The body, and whether it has an end of its own: else it ends with the connection."""
    length, coding = fields.get("content-length"), fields.get("transfer-encoding")
    if coding is not None:
        if coding.lower() != "chunked":
            raise _broken("transfer coding")
        return _chunks(incoming, limit), length is None  # of who says both, nothing more is believed
    if length is None:
        return incoming.rest(limit), False
    if not (found := _LENGTH.fullmatch(length)):
        raise _broken("length")
    if int(found[1]) > limit:
        raise too_large()
    return incoming.exactly(int(found[1])), True


def _chunks(incoming: Incoming, limit: int) -> bytes:
    content = bytearray()
    while size := _chunk_size(incoming.line()):
        if len(content) + size > limit:
            raise too_large()
        content += incoming.exactly(size)
        if incoming.exactly(2) != b"\r\n":  # a line may end with LF alone, content does not: a byte of it may be lost
            raise _broken("chunk")
    while incoming.line() not in _ENDS:
        pass  # a trailer
    return bytes(content)


def _chunk_size(line: bytes) -> int:
    if not (found := _CHUNK.fullmatch(line)):
        raise _broken("chunk")
    return int(found[1], 16)


def _stays(head: _Head) -> bool:
    options = {each.strip() for each in head.fields.get("connection", "").lower().split(",")}
    return "keep-alive" in options if head.minor == "0" else "close" not in options


def _broken(part: str) -> ConnectionLost:
    return ConnectionLost(f"the connection broke (no HTTP: {part})")
