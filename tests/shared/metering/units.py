"""What the store's work would be on DynamoDB: requests and capacity units by its documented rules, counted while the
real code runs.

Sizes: names and texts by their UTF-8 bytes, numbers about half a byte a digit, 3 bytes and one per element for a map or
list. A write unit is 1 KiB of the larger of old and new item, a consistent read unit 4 KiB of an item, or of all items
of a query together; nothing costs less than one.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import Any

from shared.clock import Deadline
from shared.store.items import WRITER
from shared.store.table import WHOLE, Exists, Item, Outcome, Page, Stale, Table, Tables, Write
from shared.store.writes import carried_out

GET_AT_ONCE, WRITE_AT_ONCE = 100, 25
"""Items in one batch request."""
MARK = {WRITER: "0" * 16}
"""What a conditional write adds to an item."""


def size(value: Any) -> int:
    """Bytes of an item or of a value in one."""
    if isinstance(value, str):
        return len(value.encode())
    if value is None or isinstance(value, bool):
        return 1
    if isinstance(value, int):
        return ceil(len(str(abs(value))) / 2) + 1
    if isinstance(value, Mapping):
        return 3 + sum(1 + size(name) + size(member) for name, member in value.items())
    return 3 + sum(1 + size(element) for element in value)


def item_size(item: Item | None) -> int:
    """Bytes of a whole item; 0 for none."""
    return sum(size(name) + size(value) for name, value in item.items()) if item else 0


class Units:
    """``requests``, ``reads`` and ``writes`` by table; ``partition_writes`` by table and partition key."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.reads: Counter[str] = Counter()
        self.writes: Counter[str] = Counter()
        self.operations: Counter[tuple[str, str]] = Counter()

    def read(self, table: str, method: str, sizes: Iterable[int], requests: int = 1) -> None:
        self._count(table, method, requests)
        self.reads[table] += sum(max(1, ceil(each / 4096)) for each in sizes)

    def write(self, table: str, method: str, sizes: Iterable[int], requests: int = 1) -> None:
        self._count(table, method, requests)
        self.writes[table] += sum(max(1, ceil(each / 1024)) for each in sizes)

    def _count(self, table: str, method: str, requests: int) -> None:
        self.requests[table] += requests
        self.operations[table, method] += requests


class MeasuredTables:
    """Passes every call on and adds up what it would cost."""

    remote = False

    def __init__(self, inner: Tables) -> None:
        self._inner = inner
        self.units = Units()

    def table(self, name: str) -> "MeasuredTable":
        return MeasuredTable(name, self._inner.table(name), self)


class MeasuredTable:
    """One table of :class:`MeasuredTables`."""

    def __init__(self, name: str, inner: Table, owner: MeasuredTables) -> None:
        self._name, self._inner, self._owner = name, inner, owner

    def get(self, pk: str, sk: str = WHOLE) -> Item | None:
        found = self._inner.get(pk, sk)
        self._owner.units.read(self._name, "get", [item_size(found)])
        return found

    def get_many(self, keys: Iterable[tuple[str, str]]) -> list[Item]:
        wanted = list(dict.fromkeys(keys))
        found = self._inner.get_many(wanted)
        absent = len(wanted) - len(found)
        sizes = [*map(item_size, found), *[0] * absent]
        self._owner.units.read(self._name, "get_many", sizes, ceil(len(wanted) / GET_AT_ONCE))
        return found

    def create(self, item: Item, beside: Sequence[Item] = ()) -> Item:
        if beside:
            self.put_many(beside)
        try:
            created = self._inner.create(item)
        except Exists as exists:
            self._owner.units.write(self._name, "create", [item_size(exists.existing)])
            raise
        self._owner.units.write(self._name, "create", [item_size(created | MARK)])
        return created

    def replace(self, item: Item, beside: Sequence[Item] = ()) -> Item:
        if beside:
            self.put_many(beside)
        old = item_size(self._inner.get(item["pk"], item["sk"]))
        try:
            replaced = self._inner.replace(item)
        except Stale:
            self._owner.units.write(self._name, "replace", [old])
            raise
        self._owner.units.write(self._name, "replace", [max(old, item_size(replaced | MARK))])
        return replaced

    def delete(self, item: Item) -> None:
        self._owner.units.write(self._name, "delete", [item_size(self._inner.get(item["pk"], item["sk"]))])
        self._inner.delete(item)

    def query(
        self,
        pk: str,
        *,
        first: str = "",
        last: str = "\U0010ffff",
        limit: int = 100,
        after: str | None = None,
        reverse: bool = False,
    ) -> Page:
        page = self._inner.query(pk, first=first, last=last, limit=limit, after=after, reverse=reverse)
        self._owner.units.read(self._name, "query", [sum(map(item_size, page.items))])
        return page

    def scan(self, *, limit: int = 100, after: str | None = None) -> Page:
        return self._inner.scan(limit=limit, after=after)

    def query_many(self, pks: Sequence[str], *, limit: int = 100) -> list[Page]:
        return [self.query(pk, limit=limit) for pk in pks]

    def write_many(self, writes: Iterable[Write], deadline: Deadline | None = None) -> list[Outcome]:
        return [carried_out(self._alone, write, deadline) for write in writes]

    def _alone(self, write: Write) -> Item:
        return getattr(self, write.kind)(write.item) or write.item

    def put_many(self, items: Iterable[Item]) -> None:
        written = list(items)
        self._inner.put_many(written)
        sizes = [item_size({**item, "version": 1}) for item in written]
        self._owner.units.write(self._name, "put_many", sizes, ceil(len(written) / WRITE_AT_ONCE))

    def delete_many(self, keys: Iterable[tuple[str, str]]) -> None:
        removed = list(dict.fromkeys(keys))
        sizes = [item_size(self._inner.get(pk, sk)) for pk, sk in removed]
        self._inner.delete_many(removed)
        self._owner.units.write(self._name, "delete_many", sizes, ceil(len(removed) / WRITE_AT_ONCE))
