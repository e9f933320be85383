"""The simulated clock of a soak."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Lock

from emulator.clock import MovableClock

LONGEST = 3.0
"""Real seconds that any wait takes at most: no caller waits for longer, so nothing more would happen."""


class SoakClock(MovableClock):
    """Goes like the machine's, and can be moved. While :meth:`alone` lasts, waiting passes simulated time at once.

    Among calls side by side, waiting must take real time: the time-outs of the others would pass with it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._passed = 0.0
        self._alone = False
        self._lock = Lock()

    def monotonic(self) -> float:
        """The machine's, and what was waited in no time."""
        return time.monotonic() + self._passed

    def sleep(self, seconds: float) -> None:
        if not self._alone:
            time.sleep(min(seconds, LONGEST))
            return
        with self._lock:
            self._passed += seconds
            self.shift(self.offset + timedelta(seconds=seconds))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Only one thing is going on until the context ends."""
        before, self._alone = self._alone, True
        try:
            yield
        finally:
            self._alone = before
