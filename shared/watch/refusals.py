"""Calls that did not prove who sent them, counted by day and reason in the partition ``refused`` of ``agenda``.

They may be anybody's, and as many as anybody likes: a process counts them in memory and adds what is new, once a minute
at most, to one of a few items of that day and reason. So however many processes there are, there is little to read.
"""

import secrets
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from shared.clock import Clock, epoch_ms
from shared.store.conditional import write_over
from shared.store.keys import joined
from shared.watch.retries import day_of

if TYPE_CHECKING:
    from shared.store.table import Table

REFUSED = "refused"
SLOTS = 4
"""Items of a day and reason: the more, the rarer two processes meet."""
PAUSE = 60.0
"""Seconds for which what is counted first waits for more."""
KEPT = timedelta(days=100)


class Refusals:
    """What this process has counted and not noted."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._lock = clock, Lock()
        self._slot = str(secrets.randbelow(SLOTS))
        self._counts: Counter[tuple[str, str]] = Counter()
        self._since = 0.0

    def count(self, reason: str) -> None:
        """One more."""
        with self._lock:
            if not self._counts:
                self._since = self._clock.monotonic()
            self._counts[day_of(self._clock.now()), reason] += 1

    @property
    def due(self) -> bool:
        """Is it time to note them?"""
        return bool(self._counts) and self._clock.monotonic() - self._since >= PAUSE

    def write(self, table: "Table") -> None:
        """Note them, if it is time. Where another process was faster, and where the store fails, they wait again."""
        for which, count in self._taken().items():
            if self._added(table, *which, count):
                with self._lock:
                    self._counts[which] -= count
                    self._counts += Counter()  # drops what is nothing any more

    def _taken(self) -> Mapping[tuple[str, str], int]:
        with self._lock:
            if not self.due:
                return {}
            self._since = self._clock.monotonic()
            return dict(self._counts)

    def _added(self, table: "Table", day: str, reason: str, count: int) -> bool:
        key = REFUSED, joined(day, reason, self._slot)
        seen, now = table.get(*key), self._clock.now()
        told = {"at_ms": epoch_ms(now), "expires": int((now + KEPT).timestamp())}
        total = (seen["count"] if seen else 0) + count
        return write_over(table, seen, {"pk": key[0], "sk": key[1], "count": total, **told}) is not None
