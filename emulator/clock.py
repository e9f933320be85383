"""A clock that can be put to another time, for what would take hours."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from shared.clock import SystemClock


class MovableClock(SystemClock):
    """Goes like the machine's clock, ``offset`` seconds apart. Waiting takes as long as it takes."""

    def set(self, now: datetime) -> None:
        """Put the clock to ``now``, from where it goes on."""
        self._offset = now - datetime.now(UTC)

    @contextmanager
    def put_back(self) -> Iterator[None]:
        """Afterwards the clock is right again."""
        offset = self._offset
        try:
            yield
        finally:
            self._offset = offset
