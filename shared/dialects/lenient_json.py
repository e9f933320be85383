"""JSON as the sync interfaces send it and their documents show it (joint operation, sections 1.5, 1.6 and 8).

Read as JSON if it is; else without commas before a closing bracket, and with names put in quotes. Of a name that stands
twice the last value counts. Numbers keep the digits they came with, because they are signed.
"""

import json
import re
from typing import Any

from shared.errors import InvalidParameter


class Number(str):
    """A number as it stood in the text."""

    __slots__ = ()


# A string; a comma before a closing bracket; a word, and whether it is a name. Nothing is looked at twice, whatever
# the text.
_PIECES = re.compile(r'"(?>[^"\\]+|\\.)*+(?:"|\\?\Z)|,(?=\s*+[}\]])|([A-Za-z_][A-Za-z0-9_]*+)(\s*+:)?', re.DOTALL)
_ESCAPED = re.compile(r'["\\\x00-\x1f]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def read_members(body: bytes) -> dict[str, Any]:
    """``body`` as a JSON object.

    :raises InvalidParameter: it is anything else, or not Unicode text.
    """
    try:
        value = parse(body.decode("utf-8-sig"))
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise InvalidParameter("the body is not a JSON object")
    return value


def parse(text: str) -> Any:
    """The JSON value that ``text`` stands for; numbers are :class:`Number`.

    :raises ValueError: none, one with a lone surrogate, or too deep a nest.
    """
    try:
        try:
            value = _loads(text)
        except ValueError:
            value = _loads(_PIECES.sub(_repaired, text))
        compact(value).encode("utf-8")
    except (ValueError, RecursionError):
        raise ValueError("not JSON") from None
    return value


def compact(value: Any) -> str:
    """A parsed value as Jackson writes it: no spaces, nothing escaped but what must be."""
    match value:
        case Number():
            return str(value)
        case str():
            return f'"{_ESCAPED.sub(_escape, value)}"'
        case dict():
            members = (f"{compact(str(name))}:{compact(member)}" for name, member in value.items())
            return f"{{{','.join(members)}}}"
        case list():
            return f"[{','.join(map(compact, value))}]"
    return {None: "null", True: "true", False: "false"}[value]


def _loads(text: str) -> Any:
    return json.loads(text, strict=False, parse_int=Number, parse_float=Number, parse_constant=_refuse)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _repaired(piece: re.Match[str]) -> str:
    if piece[0] == ",":
        return ""
    return f'"{piece[1]}"{piece[2]}' if piece[2] else piece[0]


def _escape(character: re.Match[str]) -> str:
    return _SHORT.get(character[0]) or f"\\u{ord(character[0]):04X}"
