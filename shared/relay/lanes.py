"""The lanes of delivery, one for each instance: whose turn it is, how far it has come, and when to try again.

What an instance has to tell goes out one by one, and the next only when the one before was taken. Whoever takes a lane
over begins with what its predecessor has not told, so that even a sender that stood still and goes on repeats what was
told already and never overtakes. The lease keeps such repeats rare.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.clock import Clock, epoch_ms
from shared.store.conditional import write_over
from shared.store.keys import joined
from shared.store.table import WHOLE, Item, Stale, Table

KEPT = timedelta(days=14)
"""How long a lane is remembered; without it what was told may be told again."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane that is ours until ``until``. ``told`` is the number of the last event that was taken or given up."""

    item: Item
    until: datetime

    @property
    def told(self) -> int:
        told: int = self.item["told"]
        return told


class Lanes:
    """The table of lanes."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table, self._clock = table, clock

    def free(self, instance_ids: Iterable[str]) -> dict[str, Item | None]:
        """Those whose turn may be taken now, with their item as it is stored."""
        now = epoch_ms(self._clock.now())
        found = {item["pk"]: item for item in self._table.get_many((_key(each), WHOLE) for each in instance_ids)}
        lanes = {each: found.get(_key(each)) for each in instance_ids}
        return {each: lane for each, lane in lanes.items() if lane is None or lane["not_before_ms"] <= now}

    def take(self, instance_id: str, seen: Item | None, seconds: float) -> Lane | None:
        """The lane, unless somebody was faster."""
        until = self._clock.now() + timedelta(seconds=seconds)
        new = {"pk": _key(instance_id), "sk": WHOLE, "told": 0, "tries": 0}
        item = (seen or new) | {"not_before_ms": epoch_ms(until), "expires": int((until + KEPT).timestamp())}
        written = write_over(self._table, seen, item)
        return Lane(written, until) if written else None

    def close(self, lane: Lane) -> None:
        """Everything is told."""
        with suppress(Stale):
            self._table.delete(lane.item)

    def leave(self, lane: Lane, told: int, *, failed: bool) -> None:
        """The events up to ``told`` are through; the rest waits, the longer the oftener it ``failed``."""
        tries = lane.item["tries"] + 1 if failed and told == lane.told else int(failed)
        pause = min(FIRST_PAUSE * 2 ** min(tries - 1, 10), LONGEST_PAUSE) if tries else timedelta()
        ends = {"told": told, "tries": tries, "not_before_ms": epoch_ms(self._clock.now() + pause)}
        with suppress(Stale):
            self._table.replace(lane.item | ends)


def _key(instance_id: str) -> str:
    return joined("lane", instance_id)
