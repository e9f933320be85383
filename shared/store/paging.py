"""Splits what is too large for one request: reads page by page, writes in chunks."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TypeVar

from shared.store.table import Item, Table

T = TypeVar("T")

_AT_ONCE = 500


def every(
    table: Table,
    pk: str,
    first: str = "",
    last: str = "\U0010ffff",
    at_once: int = _AT_ONCE,
    *,
    after: str | None = None,
) -> Iterator[Item]:
    """All items of a range, behind ``after``, by sort key, read ``at_once`` at a time as they are asked for."""
    while True:
        page = table.query(pk, first=first, last=last, limit=at_once, after=after)
        yield from page.items
        if page.next is None:
            return
        after = page.next


def whole(table: Table, at_once: int = _AT_ONCE) -> Iterator[Item]:
    """All that is stored in a table, expired or not, in no particular order."""
    page = table.scan(limit=at_once)
    yield from page.items
    while page.next is not None:
        page = table.scan(limit=at_once, after=page.next)
        yield from page.items


def every_of(table: Table, pks: Sequence[str], at_once: int = 100) -> list[Iterator[Item]]:
    """All items of each of the partitions: of all the first ``at_once`` together, the rest as they are asked for."""
    pages = table.query_many(pks, limit=at_once)
    return [
        chain(page.items, every(table, pk, after=page.next) if page.next else ())
        for pk, page in zip(pks, pages, strict=True)
    ]


def chunks(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """``values`` in lists of ``size``, the last one perhaps shorter, taken as they are asked for."""
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk


def still_to_read(first: str, last: str, after: str | None, *, reverse: bool) -> tuple[str, str]:
    """The half-open range of sort keys still to read of a range, for engines that compare bytes: in UTF-8 order nothing
    is between a text and that text plus a zero.
    """
    low, high = first, last + "\0"
    if after and reverse:
        high = min(high, after)
    elif after:
        low = max(low, after + "\0")
    return low, high
