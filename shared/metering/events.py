"""Usage events: one immutable item each, keyed by instance, slot and event id, so writing one twice is harmless.

Next to them stand *marks*: "instance I has something new in slot S, which came in minute M". An upload looks only at
marks, by shard; nothing is scanned. It removes a mark only when its minutes are over, so an event that comes while a
run is at work leaves a mark behind. Marks are written before their events: what is stored is always marked. What this
process has marked a moment ago it does not mark again; a duplicate's slot it does, whatever it remembers.

Race of two values under one id: both callers find the id free and both write the same key; the last write stays. A
record that was sealed in between counted the other value; the ledger then bills the difference if the last value is
larger, and nothing more if it is smaller. So never more than one of the two is billed.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from zlib import crc32

from shared.clock import Clock
from shared.metering.marked import Marked
from shared.metering.slots import Slot, from_key
from shared.store.paging import chunks, every, every_of
from shared.store.table import Item, Table

MARK_MINUTES = 5
SETTLE = timedelta(minutes=1)
"""How long after its minutes a mark and its events may still be on their way; no call of the intake may take longer."""
KEPT = timedelta(days=120)
"""How long events stay, for reconciliation; they are billable for 21 days."""
PAGE = 1000
ZERO = Decimal(0)
MARKS_READ, MARKS_AT_ONCE = 2500, 10_000
"""Marks in a request to the store, and those that are put in order together."""
SLOTS_AT_ONCE = 128
"""Slots whose events are in memory together."""
_MINUTE = "%Y%m%dT%H%M"


@dataclass(frozen=True, slots=True)
class UsageEvent:
    """Something was used. ``event_id`` is the seller's; ``package`` names the package instance it is taken from."""

    event_id: str
    instance_id: str
    time: datetime
    value: Decimal
    package: str | None = None


@dataclass(frozen=True)
class Stored:
    """An event with the slot it is billed in."""

    event: UsageEvent
    slot: Slot

    @cached_property
    def key(self) -> tuple[str, str]:
        """Partition and sort key."""
        return f"{self.event.instance_id}#{self.slot.key}", self.event.event_id


@dataclass(frozen=True, slots=True)
class Mark:
    """Something new in ``slot`` of an instance. ``settled``: its minutes are over, so no call writes it any more."""

    instance_id: str
    slot: Slot
    key: tuple[str, str]
    settled: bool

    @property
    def place(self) -> tuple[str, Slot]:
        """What it is about."""
        return self.instance_id, self.slot


class UsageEvents:
    """The table of events and marks. ``shards`` must stay the same while marks are stored."""

    def __init__(self, table: Table, clock: Clock, shards: int) -> None:
        self._table, self._clock, self._shards = table, clock, shards
        self._marked = Marked(clock, SETTLE)

    def shard_of(self, instance_id: str) -> int:
        """In which shard an instance is worked on, 0 to ``shards`` - 1."""
        return crc32(instance_id.encode()) % self._shards

    def find(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[Decimal, str | None]]:
        """Value and package of the events that are stored already, by key."""
        items = self._table.get_many(keys)
        return {(item["pk"], item["sk"]): (Decimal(item["value"]), item.get("package")) for item in items}

    def add(self, stored: Sequence[Stored]) -> None:
        """Store events, and before them the marks of their slots; both again is harmless."""
        marks = self._marks((each.event.instance_id, each.slot) for each in stored)
        self._write(self._marked.unknown(marks))
        self._table.put_many(self._item(each) for each in stored)

    def mark(self, slots: Iterable[tuple[str, Slot]]) -> None:
        """Mark (instance id, slot) pairs whose events are stored, whoever may have marked them before."""
        self._write(self._marks(slots))

    def _write(self, marks: Collection[str]) -> None:
        owners = ((_instance_of(mark), mark) for mark in marks)
        self._table.put_many({"pk": f"due#{self.shard_of(instance)}", "sk": mark} for instance, mark in owners)
        self._marked.note(marks)

    def _marks(self, slots: Iterable[tuple[str, Slot]]) -> set[str]:
        """The sort keys of marks of now."""
        now = self._clock.now()
        minute = f"{now.replace(minute=now.minute // MARK_MINUTES * MARK_MINUTES):{_MINUTE}}"
        return {f"{minute}#{slot.key}#{instance}" for instance, slot in slots}

    def used(self, slots: Sequence[tuple[str, Slot]]) -> list[dict[str | None, Decimal]]:
        """The sums of the events of (instance id, slot) pairs, by package, in the order of the pairs."""
        pks = [f"{instance_id}#{slot.key}" for instance_id, slot in slots]
        return [_sums(items) for some in chunks(pks, SLOTS_AT_ONCE) for items in every_of(self._table, some)]

    def values(self, instance_id: str, slot: Slot) -> Iterator[tuple[str | None, Decimal]]:
        """(package, value) of every event of a slot."""
        for item in self._of_slot(instance_id, slot):
            yield item.get("package"), Decimal(item["value"])

    def last_use(self, instance_id: str, slot: Slot) -> datetime | None:
        """The time of a slot's latest event, ``None`` if it has none."""
        times = (datetime.fromisoformat(item["time"]) for item in self._of_slot(instance_id, slot))
        return max(times, default=None)

    def _of_slot(self, instance_id: str, slot: Slot) -> Iterator[Item]:
        return every(self._table, f"{instance_id}#{slot.key}", at_once=PAGE)

    def marks(self, shard: int) -> Iterator[Mark]:
        """Marks of a shard, oldest first. Those that are put in order together come by instance: what is sealed for one
        is then sealed at once, its records need not wait for each other, and what is stored side by side is read so.
        """
        pk = f"due#{shard}"
        settled = f"{self._clock.now() - timedelta(minutes=MARK_MINUTES) - SETTLE:{_MINUTE}}"
        keys = (item["sk"] for item in every(self._table, pk, at_once=MARKS_READ))
        for some in chunks(keys, MARKS_AT_ONCE):
            for sk in sorted(some, key=_instance_of):
                minute, slot, instance = sk.split("#", 2)
                yield Mark(instance, from_key(slot), (pk, sk), settled=minute <= settled)

    def unmark(self, marks: Iterable[Mark]) -> None:
        """Nothing is left to do about the marks. No call writes them any more, because their minutes are over."""
        self._table.delete_many(mark.key for mark in marks)

    def _item(self, stored: Stored) -> Item:
        pk, sk = stored.key
        item = {
            "pk": pk,
            "sk": sk,
            "time": stored.event.time.astimezone(UTC).isoformat(),
            "value": format(stored.event.value, "f"),
            "expires": int((stored.event.time + KEPT).timestamp()),
        }
        return item | ({"package": stored.event.package} if stored.event.package else {})


def _instance_of(mark: str) -> str:
    return mark.split("#", 2)[2]


def _sums(items: Iterable[Item]) -> dict[str | None, Decimal]:
    sums: dict[str | None, Decimal] = {}
    for item in items:
        package = item.get("package")
        sums[package] = sums.get(package, ZERO) + Decimal(item["value"])
    return sums
