"""In which order a run meets the marks of a shard."""

from datetime import timedelta
from itertools import groupby
from pathlib import Path

from shared.metering.events import MARKS_READ, UsageEvents
from shared.metering.slots import slot_of
from shared.store.sqlite.table import SqliteTables
from tests.fakes import FakeClock

INSTANCES = [f"instance-{number}" for number in range(MARKS_READ // 2 + 10)]


def test_those_of_an_instance_come_together_the_oldest_first(tmp_path: Path) -> None:
    clock = FakeClock()
    tables = SqliteTables(str(tmp_path / "store.sqlite"), clock, synchronous="OFF")
    events = UsageEvents(tables.table("usage"), clock, shards=1)
    slots = [slot_of(clock.now() - timedelta(hours=hours), daily=False) for hours in (3, 0)]
    for slot in slots:
        events.mark((instance, slot) for instance in INSTANCES)
        clock.advance(timedelta(minutes=10))

    marks = list(events.marks(0))
    met = [(instance, [mark.slot for mark in some]) for instance, some in groupby(marks, lambda mark: mark.instance_id)]
    assert met == [(instance, slots) for instance in sorted(INSTANCES)]

    events.unmark(marks)
    assert not list(events.marks(0))
