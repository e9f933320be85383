"""The marks that this process has just written, which need not be written again."""

from collections.abc import Iterable
from datetime import timedelta

from shared.clock import Clock
from shared.metering.recent import Recent


class Marked:
    """Each mark names its minutes and stays until these are over, so what is known is there. It is forgotten after
    ``kept`` all the same, should the clock be set back.
    """

    def __init__(self, clock: Clock, kept: timedelta) -> None:
        self._clock, self._kept = clock, kept.total_seconds()
        self._since, self._known = clock.monotonic(), Recent()

    def unknown(self, marks: Iterable[str]) -> set[str]:
        """Those of ``marks`` that are to be written."""
        now = self._clock.monotonic()
        if now - self._since >= self._kept:
            self._since, self._known = now, Recent()
        return {mark for mark in marks if mark not in self._known}

    def note(self, marks: Iterable[str]) -> None:
        """They are written."""
        self._known.note(marks)
