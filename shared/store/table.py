"""The port every engine implements: small tables of small items, single-item conditional writes.

An item is a ``dict`` of JSON values (``str``, ``int``, ``bool``, ``None``, ``list``, ``dict``; no ``float``, decimals
are strings) with these reserved members:

``pk``, ``sk``
    partition and sort key, non-empty strings;
``version``
    set by the engine: 1 when created, one more at each replacement;
``expires``
    optional, UTC epoch seconds. From that moment on the item counts as absent for every method here, whether or not
    anything has swept it away.

No engine may rely on transactions of its service, on scans, on values returned by a failed condition, or on when a TTL
sweeper comes: GeminiDB's DynamoDB-compatible interface has none of the first three.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from shared.clock import Deadline
from shared.errors import Unavailable

Item: TypeAlias = dict[str, Any]

NAMES = ("instances", "idempotency", "agenda", "usage", "billing", "sessions", "directory")
"""The tables of the bundle."""

WHOLE = "-"
"""Sort key of an item that is alone in its partition."""


class Exists(Exception):
    """``create`` found a live item under that key; ``existing`` is it."""

    def __init__(self, existing: Item) -> None:
        super().__init__("an item with this key exists")
        self.existing = existing


class Stale(Exception):
    """``replace`` or ``delete`` met another version than the one it was told, or no item at all."""


@dataclass(frozen=True, slots=True)
class Write:
    """One of many conditional writes: ``kind`` is the method of the table that would do it alone, with ``item``, and
    with what stands ``beside`` it unless that is ``delete``.
    """

    kind: Literal["create", "replace", "delete"]
    item: Item = field(repr=False)
    beside: Sequence[Item] = field(default=(), repr=False)


Outcome: TypeAlias = Item | Exists | Stale | Unavailable
"""What became of one of many writes: what its method returns (for ``delete`` the item as given) or would raise."""


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a key range. ``next`` continues behind the last item; ``None`` at the end."""

    items: Sequence[Item] = field(repr=False)
    next: str | None


class Table(Protocol):
    """One table. Every read is strongly consistent. Methods that end in ``_many`` ask the store nothing of nothing."""

    def get(self, pk: str, sk: str = WHOLE) -> Item | None:
        """The live item under the key, or ``None``."""

    def get_many(self, keys: Iterable[tuple[str, str]]) -> list[Item]:
        """The live items under the given (pk, sk) keys, in no particular order; absent ones are left out."""

    def create(self, item: Item, beside: Sequence[Item] = ()) -> Item:
        """Write ``item`` if no live item has its key, and return it with ``version`` 1.

        :param beside: immutable items of other keys, as for ``put_many``. They are written before ``item`` or together
            with it, never after it: nobody finds it alone, whenever the writer dies. If the condition is not met they
            may have been written or not.
        :raises Exists: with the live item, if there is one.
        """

    def replace(self, item: Item, beside: Sequence[Item] = ()) -> Item:
        """Write ``item`` over the stored one if that still has ``item["version"]``; return it with the next version.
        What stands ``beside`` it is written as ``create`` does.

        :raises Stale: if the stored version differs or nothing live is stored.
        """

    def delete(self, item: Item) -> None:
        """Remove the stored item if it still has ``item["version"]``.

        :raises Stale: as for ``replace``.
        """

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
        """Live items of partition ``pk`` with ``first <= sk <= last``, by ``sk`` (UTF-8 order), at most ``limit`` read.

        Continue by passing the page's ``next`` as ``after``. A page may hold fewer items than ``limit``, even none,
        and still have a ``next``.
        """

    def scan(self, *, limit: int = 100, after: str | None = None) -> Page:
        """What is stored in the whole table, expired or not, in no particular order, at most ``limit`` read. For
        commands of an operator alone, and each item while others change it: no call may rely on it.

        Continue by passing the page's ``next`` as ``after``, also in another process.
        """

    def query_many(self, pks: Sequence[str], *, limit: int = 100) -> list[Page]:
        """The first page of each of the partitions, in their order, as ``query`` gives it."""

    def write_many(self, writes: Iterable[Write], deadline: Deadline | None = None) -> list[Outcome]:
        """Carry out conditional writes of different keys, each for itself, and tell the outcome of each in their order.

        One that fails keeps no other from being carried out, and of those that are carried out others may see some
        before the rest. An engine may do all in one transaction or each by itself, side by side; one that cannot say
        whether a write took place has ``Unavailable`` in its place, and so has one that had not begun when ``deadline``
        was over.

        :raises Unavailable: nothing was carried out.
        :raises ValueError: two are of one key, or no engine can store an item; nothing was carried out.
        """

    def put_many(self, items: Iterable[Item]) -> None:
        """Write immutable items, whatever is stored, in batches and in no particular order. For items that are the
        same whoever writes them.
        """

    def delete_many(self, keys: Iterable[tuple[str, str]]) -> None:
        """Remove what is stored under the given (pk, sk) keys, in batches one after the other. For immutable items that
        nobody needs.
        """


class Tables(Protocol):
    """An engine: hands out tables by short name (``instances``, ``idempotency`` …).

    ``remote``: each call is a round trip to a service, so calls that do not depend on each other go side by side.
    """

    @property
    def remote(self) -> bool: ...

    def table(self, name: str) -> Table:
        """The table called ``name``; nothing is opened or connected before its first use."""

    def remove_expired(self, most: int) -> int:
        """Remove at most so many expired items for good, where the engine does not do that by itself (TTL). Looks at
        nothing else; how many there were.
        """

    def compact(self) -> bool:
        """Leave nothing of what was removed in the engine's files; ``False`` where the engine sees to that itself."""
