"""What an order is remembered by, and what it asked for: the same wish in other words is told from another one under
the same id.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

RETURN, RELEASE = "return ", "release "
"""What the key of a renewal that is given back begins with, and that of an unsubscription."""


def order_key(order_id: str, part: str | None = None) -> str:
    """Of an order, or of one part of it: a line, or a product."""
    return f"{order_id}/{part or ''}"


def returned(key: str) -> str:
    """The key of a renewal that is given back: another wish than the renewal, which may have the same id."""
    return f"{RETURN}{key}"


def released(key: str) -> str:
    """The key of an unsubscription, after which the instance is released."""
    return f"{RELEASE}{key}"


def keys_of(order_id: str) -> tuple[str, ...]:
    """What the keys of all that an order may ask for begin with."""
    key = order_key(order_id)
    return key, returned(key), released(key)


def words_of(parameters: Mapping[str, Any]) -> str:
    """Each parameter that is there, with a digest of its value: ``expiry:1f3a… product:92bc…``."""
    told = {name: value for name, value in parameters.items() if value not in (None, {})}
    return " ".join(f"{name}:{_digest(value)}" for name, value in sorted(told.items()))


def contradict(words: str, others: str) -> bool:
    """Does a parameter that both have differ? One that is left out contradicts nothing."""
    one, other = _parts(words), _parts(others)
    return any(one[name] != other[name] for name in one.keys() & other.keys())


def _digest(value: Any) -> str:
    plain = sorted(value.items()) if isinstance(value, Mapping) else value
    return hashlib.sha256(repr(plain).encode()).hexdigest()[:12]


def _parts(words: str) -> dict[str, str]:
    # The first release kept one digest of everything, which can be compared with nothing.
    return dict(part.split(":", 1) for part in words.split() if ":" in part)
