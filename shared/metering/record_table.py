"""Where billing records are kept: an item each, lists of the open ones, and of instances that have any, by day."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from zlib import crc32

from shared.errors import Unavailable
from shared.metering.records import OPEN, Record, RecordState, record_of
from shared.metering.slots import Slot
from shared.store.paging import every, every_of, whole
from shared.store.table import Exists, Item, Outcome, Table, Write


class Records:
    """The table of records; lists of the open ones, by shard, and of the instances that have any, by shard and day."""

    def __init__(self, table: Table, shards: int) -> None:
        self._table, self._shards = table, shards

    def list_days(self, records: Iterable[Record]) -> None:
        """List the instances of records under the days of these."""
        listings = {(self._of_day(each.day, self._shard(each)), each.instance_id) for each in records}
        self._table.put_many({"pk": pk, "sk": sk} for pk, sk in listings)

    def list_open(self, records: Iterable[Record]) -> dict[tuple[str, str], Item]:
        """List records as open, which must be done before they are stored as such; the listings by key."""
        listings = {record.key: self._listing(record) for record in records}
        self._table.put_many(listings.values())
        return listings

    def adopt(self, records: Sequence[Record]) -> None:
        """Store sealed records whose run has not done so (yet), listed before that, unless they are stored."""
        stored = self.get_many(record.key for record in records)
        if missing := [record for record in records if record.key not in stored]:
            self.list_days(missing)
            self.list_open(record for record in missing if record.state in OPEN)
            self._written(missing)

    def store(self, records: Sequence[Record]) -> list[int | Unavailable | None]:
        """Store how far records have come, new ones for the first time; the version of each then, or ``None`` if
        another run has its own word on it, or ``Unavailable`` if it is not known whether it is stored.

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

    def dead(self) -> Iterator[Record]:
        """Every record that was given up, by looking at all there are. For commands of an operator alone."""
        return (record_of(item) for item in whole(self._table) if item.get("state") == RecordState.DEAD.value)

    def reopen(self, record: Record) -> None:
        """A dead record is to be sent once more. How often it was sent before stays known: it may have arrived.

        :raises Unavailable: it is not known whether that is stored.
        """
        again = replace(record, state=RecordState.HELD, retry_at=None, code=None, held_since=None)
        self.list_open([again])
        (stored,) = self.store([again])
        if isinstance(stored, Unavailable):
            raise stored

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


def _stored(outcome: Outcome) -> int | Unavailable | None:
    if isinstance(outcome, Unavailable):
        return outcome
    return None if isinstance(outcome, Exception) else int(outcome["version"])
