"""Batch operations: sent again for what the service left undone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from shared.clock import BackOff, Clock
from shared.errors import Unavailable
from shared.store.dynamodb.client import call
from shared.store.dynamodb.rows import DynamoRows
from shared.store.paging import chunks
from shared.timeouts import side_by_side

MOST = 16
"""Requests of one caller on their way at once: the service takes as many as come, and each is mostly waiting."""
WRITE_AT_ONCE = 25
_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0)


def complete(
    operation: Callable[..., Mapping[str, Any]], requests: Mapping[str, Any], left_over: str, clock: Clock
) -> Iterator[Mapping[str, Any]]:
    """The answers to a batch, sent again for what it left undone, with growing pauses of up to a second.

    :param left_over: member of the answer that holds the undone requests.
    :raises Unavailable: something is still undone after eight rounds.
    """
    back_off = BackOff(clock, _PAUSES)
    while True:
        answer = call(operation, RequestItems=requests)
        yield answer
        requests = answer.get(left_over) or {}
        if not requests:
            return
        if not back_off.wait():
            raise Unavailable("the store has too much to do")


def put_all(rows: DynamoRows, new: Sequence[Mapping[str, Any]]) -> None:
    """Put items, given as attributes, of different keys, whatever is stored."""
    requests = [{"PutRequest": {"Item": attributes}} for attributes in new]
    side_by_side(partial(write_batch, rows), list(chunks(requests, WRITE_AT_ONCE)), MOST)


def write_batch(rows: DynamoRows, requests: Sequence[Mapping[str, Any]]) -> None:
    """Carry out the requests of one batch."""
    for _ in complete(rows.client().batch_write_item, {rows.name: requests}, "UnprocessedItems", rows.clock):
        pass
