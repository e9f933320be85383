"""In which format an item is stored, so that a release says what it cannot read instead of misreading it.

An item without ``format`` is of format 1, as everything of the first release is. Two kinds of change are told apart:

* A member that is added, with a default that is right where it is missing, leaves the format as it is. Older releases
  pass over it. Members are never renamed, and never mean something else.
* Anything else is a new format, which one release learns to read, and only a later one writes. So whatever two releases
  run beside each other during an upgrade, each reads what the other writes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.clock import Deadline
from shared.errors import ConfigurationError
from shared.store.table import Exists, Item, Outcome, Page, Table, Tables, Write

FORMAT = "format"
READ = 1
"""The newest format that this release reads. All kinds of items have had no other yet."""


class NewerFormat(ConfigurationError):
    """The store was written by a release that this one is too old for."""

    def __init__(self, found: object) -> None:
        super().__init__(f"the store has items of format {found}, and this release reads {READ}: run the newer release")


@dataclass(frozen=True, slots=True)
class ReadableTables:
    """An engine whose items are looked at as they are read."""

    inner: Tables

    @property
    def remote(self) -> bool:
        return self.inner.remote

    def table(self, name: str) -> Table:
        return ReadableTable(self.inner.table(name))

    def remove_expired(self, most: int) -> int:
        return self.inner.remove_expired(most)

    def compact(self) -> bool:
        return self.inner.compact()


@dataclass(frozen=True, slots=True)
class ReadableTable:
    """One table. Every method raises :class:`NewerFormat` where it meets such an item."""

    inner: Table

    def get(self, pk: str, sk: str = "-") -> Item | None:
        item = self.inner.get(pk, sk)
        return item and readable(item)

    def get_many(self, keys: Iterable[tuple[str, str]]) -> list[Item]:
        return [readable(each) for each in self.inner.get_many(keys)]

    def create(self, item: Item, beside: Sequence[Item] = ()) -> Item:
        try:
            return self.inner.create(item, beside)
        except Exists as found:
            readable(found.existing)
            raise

    def replace(self, item: Item, beside: Sequence[Item] = ()) -> Item:
        return self.inner.replace(item, beside)

    def delete(self, item: Item) -> None:
        self.inner.delete(item)

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
        return _page(self.inner.query(pk, first=first, last=last, limit=limit, after=after, reverse=reverse))

    def scan(self, *, limit: int = 100, after: str | None = None) -> Page:
        return _page(self.inner.scan(limit=limit, after=after))

    def query_many(self, pks: Sequence[str], *, limit: int = 100) -> list[Page]:
        return [_page(each) for each in self.inner.query_many(pks, limit=limit)]

    def write_many(self, writes: Iterable[Write], deadline: Deadline | None = None) -> list[Outcome]:
        outcomes = self.inner.write_many(writes, deadline)
        for each in outcomes:
            if isinstance(each, Exists):
                readable(each.existing)
        return outcomes

    def put_many(self, items: Iterable[Item]) -> None:
        self.inner.put_many(items)

    def delete_many(self, keys: Iterable[tuple[str, str]]) -> None:
        self.inner.delete_many(keys)


def readable(item: Item) -> Item:
    """``item``, if this release reads its format.

    :raises NewerFormat: if not.
    """
    if FORMAT in item and item[FORMAT] not in range(1, READ + 1):
        raise NewerFormat(item[FORMAT])
    return item


def _page(page: Page) -> Page:
    for each in page.items:
        if FORMAT in each:
            readable(each)
    return page
