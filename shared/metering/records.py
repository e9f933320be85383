"""Billing records: what a slot of an instance is billed with. Content never changes; only how far its upload has come
does.

    SEALED ──► SENT ──► ACCEPTED
                 │  ├──► HELD      try again later (throttled, instance not known yet, frozen)
                 │  ├──► REPLACED  this window or id is burnt; a record with the same value and another window took over
                 │  └──► DEAD      cannot be billed any more; kept, counted and alarmed
    CARRIED: less than 0.0001 in all; nothing to send, the amount went on to the next record
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5
from zlib import crc32

from shared.errors import Unavailable
from shared.metering.slots import Slot
from shared.metering.windows import Window
from shared.store.paging import every, every_of
from shared.store.table import Exists, Item, Outcome, Table, Write

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
    def is_untouched(self) -> bool:
        """Has nobody but the run that sealed it tried to send it?"""
        return self.state in (RecordState.SEALED, RecordState.SENT) and self.attempts <= 1

    @property
    def day(self) -> str:
        """The UTC day in which its slot begins: ``20261120``."""
        return self.slot[:8]

    @property
    def metering_sn(self) -> str:
        """The record's unique id, the same at each attempt: made of what makes it unique."""
        window = f"{self.begin:%Y%m%dT%H%M%SZ}-{self.end:%Y%m%dT%H%M%SZ}"
        return uuid5(NAMESPACE, f"{self.instance_id}/{window}").hex

    def attempted(self) -> "Record":
        """With one more attempt to send it."""
        return replace(self, state=RecordState.SENT, attempts=self.attempts + 1)

    def members(self) -> dict[str, Any]:
        """As JSON members: moments in ISO 8601, amounts as text."""
        return {
            "instance_id": self.instance_id,
            "slot": self.slot,
            "number": self.number,
            "repair": self.repair,
            "begin": self.begin.isoformat(),
            "end": self.end.isoformat(),
            "value": str(self.value),
            "exact": str(self.exact),
            "package": self.package,
            "product_id": self.product_id,
            "state": self.state.value,
            "sealed_at": self.sealed_at.isoformat(),
            "attempts": self.attempts,
            "retry_at": self.retry_at and self.retry_at.isoformat(),
            "code": self.code,
            "held_since": self.held_since and self.held_since.isoformat(),
            "version": self.version,
        }

    def repaired(self, window: Window | None, now: datetime, reason: str) -> "Record":
        """What takes over when this one is refused for its window; ``DEAD``, for ``reason``, if there is no other."""
        unsent = replace(self, attempts=0, retry_at=None, code=None, held_since=None)
        fresh = replace(unsent, repair=self.repair + 1, sealed_at=now, version=0)
        if window is None:
            return replace(fresh, state=RecordState.DEAD, code=reason)
        return replace(fresh, state=RecordState.SEALED, begin=window.begin, end=window.end)


def record_of(members: Mapping[str, Any]) -> Record:
    """The record with these members, as :meth:`Record.members` gives them."""
    moment = datetime.fromisoformat
    return Record(
        instance_id=members["instance_id"],
        slot=members["slot"],
        number=members["number"],
        repair=members["repair"],
        begin=moment(members["begin"]),
        end=moment(members["end"]),
        value=Decimal(members["value"]),
        exact=Decimal(members["exact"]),
        package=members["package"],
        product_id=members["product_id"],
        state=RecordState(members["state"]),
        sealed_at=moment(members["sealed_at"]),
        attempts=members["attempts"],
        retry_at=moment(members["retry_at"]) if members["retry_at"] else None,
        code=members["code"],
        held_since=moment(members["held_since"]) if members["held_since"] else None,
        version=members["version"],
    )


class Records:
    """The table of records; lists of the open ones, by shard, and of the instances that have any, by shard and day."""

    def __init__(self, table: Table, shards: int) -> None:
        self._table, self._shards = table, shards

    def list_days(self, records: Iterable[Record]) -> None:
        """List the instances of records under the days of these."""
        listings = [{"pk": self._of_day(each.day, self._shard(each)), "sk": each.instance_id} for each in records]
        if listings:
            self._table.put_many(listings)

    def list_open(self, records: Iterable[Record]) -> dict[tuple[str, str], Item]:
        """List records as open, which must be done before they are stored as such; the listings by key."""
        listings = {record.key: self._listing(record) for record in records}
        if listings:
            self._table.put_many(listings.values())
        return listings

    def adopt(self, records: Sequence[Record]) -> None:
        """Store sealed records whose run has not done so (yet), listed before that, unless they are stored."""
        stored = self.get_many(record.key for record in records) if records else {}
        if missing := [record for record in records if record.key not in stored]:
            self.list_days(missing)
            self.list_open(record for record in missing if record.state in OPEN)
            self._written(missing)

    def store(self, records: Sequence[Record]) -> list[Record | Unavailable | None]:
        """Store how far records have come, new ones for the first time; each as stored, or ``None`` if another run has
        its own word on it, or ``Unavailable`` if it is not known whether it is stored.

        A new one may meet a copy of itself, by a run that found it in the account. As long as that has made no attempt
        of its own, this one's word counts.
        """
        outcomes = self._written(records) if records else []
        copied = {}
        for index, (record, outcome) in enumerate(zip(records, outcomes, strict=True)):
            if isinstance(outcome, Exists) and (copy := record_of(outcome.existing)).is_untouched:
                copied[index] = replace(record, version=copy.version)
        if copied:
            for index, outcome in zip(copied, self._written(list(copied.values())), strict=True):
                outcomes[index] = outcome
        return [_stored(outcome) for outcome in outcomes]

    def of_slot(self, instance_id: str, slot: Slot) -> list[Record]:
        """All records of a slot that are stored."""
        (records,) = self.of_slots([(instance_id, slot)])
        return records

    def of_slots(self, slots: Sequence[tuple[str, Slot]]) -> list[list[Record]]:
        """All stored records of (instance id, slot) pairs, in the order of the pairs."""
        pks = [f"{instance_id}#{slot.key}" for instance_id, slot in slots]
        return [[record_of(item) for item in items] for items in every_of(self._table, pks)]

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
        return {(item["pk"], item["sk"]): record_of(item) for item in self._table.get_many(keys)}

    def unlist(self, listings: Iterable[Item]) -> None:
        """The records are not open any more."""
        self._table.delete_many((listing["pk"], listing["sk"]) for listing in listings)

    def _written(self, records: Sequence[Record]) -> list[Outcome]:
        return self._table.write_many(
            Write("replace" if record.version else "create", _item(record)) for record in records
        )

    def _listing(self, record: Record) -> Item:
        return {"pk": f"open#{self._shard(record)}", "sk": f"{record.slot}#{record.key[1]}#{record.instance_id}"}

    def _shard(self, record: Record) -> int:
        return crc32(record.instance_id.encode()) % self._shards

    @staticmethod
    def _of_day(day: str, shard: int) -> str:
        return f"day#{shard}#{day}"


def _item(record: Record) -> Item:
    pk, sk = record.key
    return record.members() | {"pk": pk, "sk": sk}


def _stored(outcome: Outcome) -> Record | Unavailable | None:
    if isinstance(outcome, Unavailable):
        return outcome
    return None if isinstance(outcome, Exception) else record_of(outcome)
