"""What stands in the answers of other people's servers."""

import json
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from shared.http import HttpResponse


def members_of(response: HttpResponse) -> dict[str, Any] | None:
    """The members of an answer that is one JSON object, with fractions as ``Decimal``; ``None`` for anything else.

    Nothing in an answer is an error: what is no UTF-8, nested too deep, has a name twice, NaN, or a number that nobody
    can mean, cannot be read, as a page of a proxy cannot. Texts may hold lone surrogates.
    """
    try:
        value = json.loads(
            response.body.decode("utf-8-sig"),
            object_pairs_hook=_unique,
            parse_constant=_refuse,
            parse_float=_decimal,
        )
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice")
    return members


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError("a number beyond all bounds") from None


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
