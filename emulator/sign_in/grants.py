"""What the sign-in server hands out: codes, tickets, tokens, each with its life."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from shared.clock import Clock

MOST = 50_000
"""Grants that are remembered."""


@dataclass(frozen=True, slots=True)
class Who:
    """A member, by tenant and account, and what the grant was asked for with."""

    tenant_id: str
    user_name: str
    asked_with: str = field(default="", repr=False)


class Grants:
    """Random texts that stand for somebody, for some time.

    :param most: how many are remembered; the oldest go first, as if they had been withdrawn.
    """

    def __init__(self, clock: Clock, prefix: str = "", most: int = MOST) -> None:
        self._clock, self._prefix, self._most = clock, prefix, most
        self._known: dict[str, tuple[Who, datetime]] = {}
        self._lock = Lock()

    def give(self, who: Who, seconds: float) -> str:
        """A text that stands for ``who`` for so long."""
        text = f"{self._prefix}{secrets.token_urlsafe(24)}"
        with self._lock:
            self._forget()
            self._known[text] = (who, self._clock.now() + timedelta(seconds=seconds))
        return text

    def find(self, text: str) -> Who | None:
        """For whom ``text`` stands."""
        with self._lock:
            return self._alive(self._known.get(text))

    def take(self, text: str) -> Who | None:
        """Like ``find``, and from then on it stands for nobody."""
        with self._lock:
            return self._alive(self._known.pop(text, None))

    def drop(self, unwanted: Callable[[Who], bool]) -> None:
        """Forget all that stand for somebody unwanted."""
        with self._lock:
            for text in [text for text, (who, _) in self._known.items() if unwanted(who)]:
                del self._known[text]

    def _forget(self) -> None:
        """The oldest, as long as they have expired or are too many."""
        while self._known:
            text, (_, until) = next(iter(self._known.items()))
            if until > self._clock.now() and len(self._known) < self._most:
                return
            del self._known[text]

    def _alive(self, found: tuple[Who, datetime] | None) -> Who | None:
        return found[0] if found and found[1] > self._clock.now() else None
