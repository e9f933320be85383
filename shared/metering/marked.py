"""The marks that this process has just written, which need not be written again."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import timedelta

from shared.clock import Clock

MOST = 30_000
"""Marks that are remembered, about 150 bytes each."""


class Marked:
    """Each mark names its minutes and stays until these are over, so what is known is there. It is forgotten after
    ``kept`` all the same, should the clock be set back.
    """

    def __init__(self, clock: Clock, kept: timedelta) -> None:
        self._clock, self._kept = clock, kept.total_seconds()
        self._since, self._known = clock.monotonic(), set[str]()

    def unknown(self, marks: AbstractSet[str]) -> AbstractSet[str]:
        """Those of ``marks`` that are to be written."""
        now = self._clock.monotonic()
        if now - self._since >= self._kept or len(self._known) > MOST:
            self._since, self._known = now, set()
        return marks - self._known

    def note(self, marks: Iterable[str]) -> None:
        """They are written."""
        self._known.update(marks)
