"""JSON as the sync interfaces send it and their documents show it (joint operation, sections 1.5, 1.6 and 8).

Read as JSON if it is; else without commas before a closing bracket, and with names put in quotes. Of a name that stands
twice the last value counts. Numbers keep the digits they came with, because they are signed.

A body is read before its signature can be checked, so its parts are counted first: see :func:`read_members`.
"""

import json
import re
from typing import Any

from shared.errors import InvalidParameter


class Number(str):
    """A number as it stood in the text."""

    __slots__ = ()


MOST_PARTS = 90_000
"""Commas and opening brackets of a body. A full list of 20,000 departments has 80,000."""
MOST_MEMBERS = 1_000
"""Names at the top of a body, which are put in order to be signed. No interface has more than ten."""
MOST_CONTROLS = 1_000
"""Control characters in a body, but for line ends and tabs."""
WIDEST = 8 << 20
"""Bytes that the text of a body may take in memory: half of it, or a quarter, if Chinese or an emoji is in it."""
REPAIRED_AT_MOST = 1 << 16
"""Bytes. A larger body is JSON or refused: the documents are careless in short examples only."""

# A string; a comma before a closing bracket; a word, and whether it is a name. Nothing is looked at twice, whatever
# the text.
_PIECES = re.compile(r'"(?>[^"\\]+|\\.)*+(?:"|\\?\Z)|,(?=\s*+[}\]])|([A-Za-z_][A-Za-z0-9_]*+)(\s*+:)?', re.DOTALL)
_NO_SHORT_FORM = re.compile(r"([\x00-\x07\x0b\x0e-\x1f])")
_PARTS, _CONTROLS = b",[{", bytes({*range(32)} - {*b"\t\n\r"})
_WIDE_AT_MOST_TWO = bytes(range(0xF0))
_ESCAPED_CONTROLS = (rb"\u000", rb"\u001")
_ESCAPED_SURROGATES = (rb"\ud", rb"\uD")
_quoted = json.JSONEncoder(ensure_ascii=False).encode


def read_members(body: bytes) -> dict[str, Any]:
    """``body`` as a JSON object.

    :raises InvalidParameter: it is anything else, or not Unicode text, or has more parts than any documented body.
    """
    if _is_costly(body):
        raise InvalidParameter("the body has too many parts")
    try:
        value = parse(body.decode("utf-8-sig"), repair=len(body) <= REPAIRED_AT_MOST)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise InvalidParameter("the body is not a JSON object")
    if len(value) > MOST_MEMBERS:
        raise InvalidParameter("the body has too many parts")
    return value


def parse(text: str, *, repair: bool = True) -> Any:
    """The JSON value that ``text`` stands for; numbers are :class:`Number`.

    :param repair: try to mend what is no JSON.
    :raises ValueError: none, one with a lone surrogate, or too deep a nest.
    """
    try:
        value = _loads(text, repair=repair)
        if any(escape.decode() in text for escape in _ESCAPED_SURROGATES):
            compact(value).encode("utf-8")
    except (ValueError, RecursionError):
        raise ValueError("not JSON") from None
    return value


def compact(value: Any) -> str:
    """A parsed value as Jackson writes it: no spaces, nothing escaped but what must be."""
    pieces: list[str] = []
    _write(value, pieces)
    return "".join(pieces)


def _write(value: Any, pieces: list[str]) -> None:
    match value:
        case Number():
            pieces.append(value)
        case str():
            pieces.append(_escaped(value))
        case dict():
            mark = "{"
            for name, member in value.items():
                pieces += mark, _escaped(name), ":"
                _write(member, pieces)
                mark = ","
            pieces.append("}" if value else "{}")
        case list():
            mark = "["
            for member in value:
                pieces.append(mark)
                _write(member, pieces)
                mark = ","
            pieces.append("]" if value else "[]")
        case _:
            pieces.append({None: "null", True: "true", False: "false"}[value])


def _escaped(text: str) -> str:
    quoted = _quoted(text)
    if r"\u00" not in quoted:
        return quoted
    # Jackson's hex digits are upper-case.
    plain, *others = _NO_SHORT_FORM.split(text)
    pieces = (
        f"\\u{ord(control):04X}{_quoted(some)[1:-1]}" for control, some in zip(others[::2], others[1::2], strict=True)
    )
    return f'{_quoted(plain)[:-1]}{"".join(pieces)}"'


def _loads(text: str, *, repair: bool) -> Any:
    try:
        return json.loads(text, strict=False, parse_int=Number, parse_float=Number, parse_constant=_refuse)
    except ValueError:
        if not repair:
            raise
    return _loads(_PIECES.sub(_repaired, text), repair=False)


def _is_costly(body: bytes) -> bool:
    """Would it take long, or much memory, to parse the body, write it anew and sign that? Told by counting alone."""
    parts, controls = (len(body) - len(body.translate(None, some)) for some in (_PARTS, _CONTROLS))
    controls += sum(map(body.count, _ESCAPED_CONTROLS))
    return parts > MOST_PARTS or controls > MOST_CONTROLS or len(body) * _width(body) > WIDEST


def _width(body: bytes) -> int:
    """Bytes that a character takes in memory, at most: as many for all of a text as for its widest one."""
    if body.translate(None, _WIDE_AT_MOST_TWO) or any(escape in body for escape in _ESCAPED_SURROGATES):
        return 4
    return 1 if body.isascii() and rb"\u" not in body else 2


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _repaired(piece: re.Match[str]) -> str:
    if piece[0] == ",":
        return ""
    return f'"{piece[1]}"{piece[2]}' if piece[2] else piece[0]
