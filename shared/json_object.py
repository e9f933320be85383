"""JSON as callers send it, read strictly."""

import json
from typing import Any

from shared.errors import InvalidParameter


def read_object(body: bytes) -> dict[str, Any]:
    """``body`` as a JSON object of Unicode text: no duplicate names, no NaN or infinity, no lone surrogates.

    :raises InvalidParameter: it is anything else.
    """
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise InvalidParameter("the body is not a JSON object") from None
    if not isinstance(value, dict):
        raise InvalidParameter("the body is not a JSON object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice")
    return members


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
