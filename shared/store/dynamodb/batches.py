"""Batch operations: sent again for what the service left undone."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from shared.clock import BackOff, Clock
from shared.errors import Unavailable
from shared.store.dynamodb.client import call

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
