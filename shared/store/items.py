"""Validation of items, common to all engines, so that none accepts what another would refuse.

The limits are DynamoDB's: 400 KB an item (395 here, as engines add something of their own and count differently), 2048
bytes a partition key (2032 here, as the name of a table may stand before it), 1024 bytes a sort key, 38 digits, 32
levels.
"""

import json
import re
from collections.abc import Callable, Collection
from typing import Any

from shared.clock import Clock
from shared.errors import InvalidParameter
from shared.store.table import WHOLE, Item

WRITER = "_writer"
"""Attribute an engine may keep for itself. Callers can neither set nor see it."""

NEVER = 2**62
"""When an item ends that does not, for engines that compare one number for all items."""

_MOST_BYTES = 395 * 1024
_MOST_PK, _MOST_SK = 2032, 1024
_MOST_LEVELS = 32
_BEYOND_NUMBERS = 10**38
_ALWAYS_FIT = frozenset({str, bool, type(None)})
_NAME = re.compile(r"[A-Za-z0-9_-]{3,255}")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _encoded(item: Item) -> bytes:
    return _encode(item).encode()


def table_name(prefix: str, name: str) -> str:
    """``prefix`` + ``name``, if every engine takes that as a table's name (no dots: GeminiDB has none).

    :raises ValueError: if not.
    """
    full = prefix + name
    if not _NAME.fullmatch(full):
        raise ValueError("a table name has 3 to 255 characters out of A-Z, a-z, 0-9, _ and -")
    return full


def epoch_seconds(clock: Clock) -> int:
    """Now in whole UTC epoch seconds, the unit of ``expires``."""
    return int(clock.now().timestamp())


def alive(item: Item, now: int) -> bool:
    """Does the item still count at ``now`` (UTC epoch seconds)?"""
    expires = item.get("expires")
    return expires is None or bool(expires > now)


def end_of(item: Item) -> int:
    """``expires``, or ``NEVER``, which is as late as any moment can be told apart."""
    end: int = item.get("expires", NEVER)
    return max(-NEVER, min(end, NEVER))


class NoKey(InvalidParameter, ValueError):
    """No engine has such a key. Keys are made of what callers name things by, so it is theirs to mend."""


def checked_key(pk: object, sk: object) -> tuple[str, str]:
    """The key, if it is one.

    :raises NoKey: if a part is no string, empty, too long or no Unicode.
    """
    if not isinstance(pk, str) or not isinstance(sk, str):
        raise NoKey("pk and sk must be strings")
    try:
        fit = 0 < len(pk.encode()) <= _MOST_PK and 0 < len(sk.encode()) <= _MOST_SK
    except UnicodeEncodeError:
        raise NoKey("text with unpaired surrogates cannot be stored") from None
    if not fit:
        raise NoKey(f"pk must have 1 to {_MOST_PK} bytes, sk 1 to {_MOST_SK}")
    return pk, sk


def checked_range(pk: str, *bounds: str | None) -> None:
    """Can there be such a partition, and such bounds of a range in it?

    :raises NoKey: if not.
    """
    for bound in bounds:
        checked_key(pk, bound or WHOLE)


def checked_limit(limit: int) -> int:
    """``limit``, if it is one.

    :raises ValueError: if it is less than 1.
    """
    if limit < 1:
        raise ValueError("limit must be at least 1")
    return limit


def checked(item: Item, encoded: Callable[[Item], bytes] = _encoded) -> str:
    """``item`` as JSON text, if every engine can store it. ``encoded`` makes compact UTF-8 of it, or a ``ValueError``.

    Measured by that text: it is never shorter than what DynamoDB counts, but for a few bytes of empty containers.

    :raises ValueError: wrong key, over 395 KB, a number of over 38 digits, too deep, text that is not Unicode.
    :raises TypeError: a value that is not JSON, or a float.
    """
    checked_key(item["pk"], item["sk"])
    if WRITER in item:
        raise ValueError(f"{WRITER} is reserved")
    if "expires" in item and type(item["expires"]) is not int:
        raise TypeError("expires must be an int; leave it out for never")
    _check(item, 0)
    try:
        text = encoded(item)
    except ValueError:
        # The original error may carry the whole text with it.
        raise ValueError("text with unpaired surrogates cannot be stored") from None
    if len(text) > _MOST_BYTES:
        raise ValueError(f"an item must not be larger than {_MOST_BYTES} bytes")
    return text.decode()


def _check(value: Any, level: int) -> None:
    if isinstance(value, dict):
        _check_names(value)
        members: Collection[Any] = value.values()
    elif isinstance(value, list):
        members = value
    else:
        _check_single(value)
        return
    if members and level == _MOST_LEVELS:
        raise ValueError(f"an item must not be nested deeper than {_MOST_LEVELS} levels")
    for member in members:
        kind = type(member)  # most fit, and every write of the bundle comes by
        if kind not in _ALWAYS_FIT and not (kind is int and -_BEYOND_NUMBERS < member < _BEYOND_NUMBERS):
            _check(member, level + 1)


def _check_single(value: Any) -> None:
    if value is None or isinstance(value, (str, bool)):
        return
    if not isinstance(value, int):
        raise TypeError(f"a {type(value).__name__} cannot be stored")
    if abs(value) >= _BEYOND_NUMBERS:
        raise ValueError("a number must not have more than 38 digits")


def _check_names(value: dict[Any, Any]) -> None:
    if not all(issubclass(kind, str) for kind in set(map(type, value))):
        raise TypeError("the names of members must be strings")
    if "" in value:
        raise ValueError("the name of a member must not be empty")
