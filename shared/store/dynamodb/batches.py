"""Batch operations: in chunks, and again for what the service left undone."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from shared.clock import Clock
from shared.errors import Unavailable
from shared.store.dynamodb.client import call

T = TypeVar("T")

_ROUNDS = 8
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0


def chunks(values: Iterable[T], size: int) -> Iterator[Sequence[T]]:
    """``values`` in lists of at most ``size``."""
    rest = list(values)
    for start in range(0, len(rest), size):
        yield rest[start : start + size]


def complete(
    operation: Callable[..., Mapping[str, Any]], requests: Mapping[str, Any], left_over: str, clock: Clock
) -> Iterator[Mapping[str, Any]]:
    """The answers to a batch, sent again for what it left undone, with growing pauses of up to a second.

    :param left_over: member of the answer that holds the undone requests.
    :raises Unavailable: something is still undone after eight rounds.
    """
    for round_ in range(_ROUNDS):
        if round_:
            clock.sleep(min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**round_) * random.uniform(0.5, 1))  # noqa: S311 - spreads load
        answer = call(operation, RequestItems=requests)
        yield answer
        requests = answer.get(left_over) or {}
        if not requests:
            return
    raise Unavailable("the store has too much to do")
