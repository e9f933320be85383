"""What the sign-in server hands out: codes, tickets, tokens, each with its life."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

from shared.clock import Clock

T = TypeVar("T")

MOST = 50_000
"""Grants that are remembered."""


@dataclass(frozen=True, slots=True)
class Who:
    """A member, by tenant and account, and what the grant was asked for with."""

    tenant_id: str
    user_name: str
    asked_with: str = field(default="", repr=False)


class Grants(Generic[T]):
    """Random texts that stand for something, for some time.

    :param most: how many are remembered; the oldest go first, as if they had been withdrawn.
    """

    def __init__(self, clock: Clock, prefix: str, most: int = MOST) -> None:
        self._clock, self._prefix, self._most = clock, prefix, most
        self._known: dict[str, tuple[T, datetime]] = {}
        self._lock = Lock()

    def give(self, value: T, seconds: float) -> str:
        """A text that stands for ``value`` for so long."""
        text = f"{self._prefix}{secrets.token_urlsafe(24)}"
        with self._lock:
            self._forget()
            self._known[text] = (value, self._clock.now() + timedelta(seconds=seconds))
        return text

    def find(self, text: str) -> T | None:
        """What ``text`` stands for."""
        with self._lock:
            return self._alive(self._known.get(text))

    def take(self, text: str) -> T | None:
        """Like ``find``, and from then on it stands for nothing."""
        with self._lock:
            return self._alive(self._known.pop(text, None))

    def drop(self, unwanted: Callable[[T], bool]) -> None:
        """Forget all that stand for something unwanted."""
        with self._lock:
            for text in [text for text, (value, _) in self._known.items() if unwanted(value)]:
                del self._known[text]

    def _forget(self) -> None:
        """The oldest, as long as they have expired or are too many."""
        while self._known:
            text, (_, until) = next(iter(self._known.items()))
            if until > self._clock.now() and len(self._known) < self._most:
                return
            del self._known[text]

    def _alive(self, found: tuple[T, datetime] | None) -> T | None:
        return found[0] if found and found[1] > self._clock.now() else None
