"""Billing records: what a slot of an instance is billed with. Content never changes; only how far its upload has come
does.

    SEALED ──► SENT ──► ACCEPTED
                 │  ├──► HELD      try again later (throttled, instance not known yet, frozen)
                 │  ├──► REPLACED  this window or id is burnt; a record with the same value and another window took over
                 │  └──► DEAD      cannot be billed any more; kept, counted and alarmed
    CARRIED: less than 0.0001 in all; nothing to send, the amount went on to the next record
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID, uuid5
from zlib import crc32

from pydantic import TypeAdapter

from shared.metering.slots import Slot
from shared.metering.windows import Window
from shared.store.paging import every
from shared.store.table import Exists, Item, Table

NAMESPACE = UUID("3b0f5d0e-6c4e-4b43-9a55-7a6c1c2f8f11")


class RecordState(StrEnum):
    """How far the upload of a record has come."""

    SEALED = "SEALED"
    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    HELD = "HELD"
    REPLACED = "REPLACED"
    DEAD = "DEAD"
    CARRIED = "CARRIED"


OPEN = (RecordState.SEALED, RecordState.SENT, RecordState.HELD)


@dataclass(frozen=True, slots=True)
class Record:
    """One billing record (metering and open APIs, section 2.3).

    ``exact`` is what it takes off the slot's events, ``value`` what is sent: at most 4 decimals, the difference is
    carried. ``number`` counts a slot's records, ``repair`` the replacements of one. ``attempts`` > 0: it may have
    reached the marketplace. ``code`` is the latest refusal, ``held_since`` when it was refused so for the first time.
    """

    instance_id: str
    slot: str
    number: int
    repair: int
    begin: datetime
    end: datetime
    value: Decimal
    exact: Decimal
    package: str | None
    product_id: str | None
    state: RecordState
    sealed_at: datetime
    attempts: int = 0
    retry_at: datetime | None = None
    code: str | None = None
    held_since: datetime | None = None
    version: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """Partition and sort key."""
        return f"{self.instance_id}#{self.slot}", f"{self.number:05d}.{self.repair:03d}"

    @property
    def day(self) -> str:
        """The UTC day in which its slot begins: ``20261120``."""
        return self.slot[:8]

    @property
    def metering_sn(self) -> str:
        """The record's unique id, the same at each attempt: made of what makes it unique."""
        window = f"{self.begin:%Y%m%dT%H%M%SZ}-{self.end:%Y%m%dT%H%M%SZ}"
        return uuid5(NAMESPACE, f"{self.instance_id}/{window}").hex

    def repaired(self, window: Window | None, now: datetime, reason: str) -> "Record":
        """What takes over when this one is refused for its window; ``DEAD``, for ``reason``, if there is no other."""
        unsent = replace(self, attempts=0, retry_at=None, code=None, held_since=None)
        fresh = replace(unsent, repair=self.repair + 1, sealed_at=now, version=0)
        if window is None:
            return replace(fresh, state=RecordState.DEAD, code=reason)
        return replace(fresh, state=RecordState.SEALED, begin=window.begin, end=window.end)


class Records:
    """The table of records; lists of the open ones, by shard, and of the instances that have any, by shard and day."""

    def __init__(self, table: Table, shards: int) -> None:
        self._table, self._shards = table, shards
        self._adapter = TypeAdapter(Record)

    def create(self, record: Record, *, after: Record | None = None) -> Record:
        """Store a new record, listed before that: as open if it is, and under its day unless that was done for the one
        it comes ``after``.

        Returns what is stored: it may have been stored before.
        """
        listings = [self._listing(record)] if record.state in OPEN else []
        if after is None or after.day != record.day:
            listings.append({"pk": self._of_day(record.day, self._shard(record)), "sk": record.instance_id})
        if listings:
            self._table.put_many(listings)
        try:
            return replace(record, version=self._table.create(self._item(record))["version"])
        except Exists as found:
            return self._record(found.existing)

    def ensure(self, record: Record) -> None:
        """Store a record that was sealed, unless that was done already."""
        if not self._table.get_many([record.key]):
            self.create(record)

    def replace(self, record: Record) -> Record:
        """Store how far a record has come.

        :raises shared.store.table.Stale: another run has changed it.
        """
        return replace(record, version=self._table.replace(self._item(record))["version"])

    def of_slot(self, instance_id: str, slot: Slot) -> list[Record]:
        """All records of a slot."""
        return [self._record(item) for item in every(self._table, f"{instance_id}#{slot.key}")]

    def open_keys(self, shard: int) -> Iterator[tuple[tuple[str, str], Item]]:
        """Keys of the listed records of a shard, oldest slot first, with the listing itself."""
        for item in every(self._table, f"open#{shard}"):
            slot, number, instance_id = item["sk"].split("#", 2)
            yield (f"{instance_id}#{slot}", number), item

    def instances_of(self, day: date, shard: int) -> Iterator[str]:
        """The instances of a shard with a record of a slot that begins on ``day`` (UTC)."""
        return (item["sk"] for item in every(self._table, self._of_day(f"{day:%Y%m%d}", shard)))

    def get_many(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Record]:
        """The records under these keys, by key."""
        return {(item["pk"], item["sk"]): self._record(item) for item in self._table.get_many(keys)}

    def unlist(self, listings: Iterable[Item]) -> None:
        """The records are not open any more."""
        self._table.delete_many((listing["pk"], listing["sk"]) for listing in listings)

    def _listing(self, record: Record) -> Item:
        return {"pk": f"open#{self._shard(record)}", "sk": f"{record.slot}#{record.key[1]}#{record.instance_id}"}

    def _shard(self, record: Record) -> int:
        return crc32(record.instance_id.encode()) % self._shards

    @staticmethod
    def _of_day(day: str, shard: int) -> str:
        return f"day#{shard}#{day}"

    def _item(self, record: Record) -> Item:
        pk, sk = record.key
        item: Item = self._adapter.dump_python(record, mode="json")
        return item | {"pk": pk, "sk": sk}

    def _record(self, item: Item) -> Record:
        return self._adapter.validate_python({name: value for name, value in item.items() if name not in ("pk", "sk")})
