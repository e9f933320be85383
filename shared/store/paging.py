"""Splits what is too large for one request: reads page by page, writes in chunks."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from shared.store.table import Item, Table

T = TypeVar("T")

_AT_ONCE = 500


def every(table: Table, pk: str, first: str = "", last: str = "\U0010ffff", at_once: int = _AT_ONCE) -> Iterator[Item]:
    """All items of a range, by sort key, read ``at_once`` at a time as they are asked for."""
    after = None
    while True:
        page = table.query(pk, first=first, last=last, limit=at_once, after=after)
        yield from page.items
        if page.next is None:
            return
        after = page.next


def chunks(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """``values`` in lists of ``size``, the last one perhaps shorter, taken as they are asked for."""
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk
