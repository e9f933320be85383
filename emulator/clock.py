"""A clock that can be put to another time, for what would take hours."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from shared.clock import Clock, SystemClock


class MovableClock(SystemClock):
    """Goes like the machine's clock, ``offset`` seconds apart. Waiting takes as long as it takes."""

    def set(self, now: datetime) -> None:
        """Put the clock to ``now``, from where it goes on."""
        self._offset = now - datetime.now(UTC)

    def shift(self, offset: timedelta) -> None:
        """Let it be so much ahead of the machine's clock."""
        self._offset = offset

    @property
    def offset(self) -> timedelta:
        """How far it is ahead of the machine's clock."""
        return self._offset

    @contextmanager
    def put_back(self) -> Iterator[None]:
        """Afterwards the clock is right again."""
        offset = self._offset
        try:
            yield
        finally:
            self._offset = offset


class ShiftedClock:
    """Another clock, ``by`` so much ahead."""

    def __init__(self, clock: Clock, by: timedelta) -> None:
        self._clock = clock
        self._by = by

    def now(self) -> datetime:
        return self._clock.now() + self._by

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)
