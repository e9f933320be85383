"""A clock for what must come out the same each time."""

from datetime import datetime

from emulator.clock import MovableClock


class StillClock(MovableClock):
    """Stands where it was put: what is done under it is done at the very same moments each time."""

    def __init__(self, start: datetime) -> None:
        super().__init__()
        self._start = start

    def now(self) -> datetime:
        """The moment it was put to."""
        return self._start + self._offset

    def set(self, now: datetime) -> None:
        """Put the clock to ``now``, where it stays; ``offset`` counts from the start."""
        self._offset = now - self._start
