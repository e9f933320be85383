"""Locks an access key after too many wrong signatures in a row (metering and open APIs, section 6.6)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock

from shared.clock import Clock

LOCK_AFTER = 5
LOCK_FOR = timedelta(minutes=5)
"""After more than ``LOCK_AFTER`` refused signatures in a row the access key is refused whatever the signature."""


class Lockout:
    """Counts refusals. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._refused = 0
        self._until = datetime.min.replace(tzinfo=UTC)
        self._lock = Lock()

    def admits(self, genuine: Callable[[], bool]) -> bool:
        """Is nobody locked out, and is the call ``genuine``?"""
        with self._lock:
            if self._clock.now() < self._until:
                return False
            if genuine():
                self._refused = 0
                return True
            self._refused += 1
            if self._refused > LOCK_AFTER:
                self._refused, self._until = 0, self._clock.now() + LOCK_FOR
            return False

    @property
    def engaged(self) -> bool:
        with self._lock:
            return self._clock.now() < self._until
