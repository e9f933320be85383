"""``saasExtendParams``: what the buyer filled in when ordering (production interfaces, section 7)."""

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

from shared.errors import InvalidParameter
from shared.protocol.base64_text import as_sent, decoded


def encode_extend_params(parameters: Iterable[Mapping[str, str]]) -> str:
    """Base64 of the JSON array ``[{"name": …, "value": …}, …]``; percent-encode it like any value of a query."""
    text = json.dumps([dict(parameter) for parameter in parameters], ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(text.encode()).decode()


def decode_extend_params(value: str) -> dict[str, str]:
    """Values by name; of a repeated name the last counts.

    Tolerated, because products in the field see them: whatever :mod:`shared.protocol.base64_text` undoes, and values
    that are no text: numbers and booleans come out as JSON spells them, ``null`` or none at all as empty text.

    :param value: decoded from the query once; empty text stands for no parameters.
    :raises InvalidParameter: anything else.
    """
    for text in as_sent(value):
        try:
            return {_text(item["name"]): _text(item.get("value")) for item in _items(decoded(text))}
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
    raise InvalidParameter("saasExtendParams is malformed")


def _items(data: bytes) -> list[Any]:
    items = json.loads(data.decode() or "[]", parse_float=str, parse_int=str)
    if not isinstance(items, list):
        raise TypeError
    return items


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return json.dumps(value)
    if not isinstance(value, str):
        raise TypeError
    value.encode()  # JSON can spell a lone surrogate, which no store takes
    return value
