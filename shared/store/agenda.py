"""What the sweep must look at, by the time it is due: instances whose creation was pending when last seen.

An entry is written before the state it is about, so nothing pending is ever missing from the agenda; an entry whose
instance has moved on is simply removed by the sweep.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from zlib import crc32

from shared.store.paging import every_of
from shared.store.table import Exists, Item, Stale, Table

SHARDS = 8
_AT_ONCE = 100  # of a shard: each entry is worked on for long, and others may deal with it meanwhile
_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Entry:
    """``instance_id`` became pending at ``since`` (UTC, whole seconds)."""

    instance_id: str
    since: datetime
    item: Item


class Agenda:
    """The table of things to look at."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, instance_id: str, since: datetime) -> None:
        """Put a pending instance on the agenda; doing it again is harmless."""
        shard = crc32(instance_id.encode()) % SHARDS
        try:
            self._table.create({"pk": f"pending#{shard}", "sk": f"{since:{_TIME}}#{instance_id}"})
        except Exists:
            return

    def due(self) -> Iterator[Entry]:
        """All entries, oldest first, read as they are asked for."""
        shards = every_of(self._table, [f"pending#{shard}" for shard in range(SHARDS)], _AT_ONCE)
        for item in merge(*shards, key=lambda item: str(item["sk"])):
            since, instance_id = item["sk"].split("#", 1)
            yield Entry(instance_id, datetime.strptime(since, _TIME).replace(tzinfo=UTC), item)

    def remove(self, entry: Entry) -> None:
        """Take an entry off the agenda."""
        try:
            self._table.delete(entry.item)
        except Stale:
            return
