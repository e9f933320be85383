"""Requests side by side: the service takes as many as come, and each is mostly waiting."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")

MOST = 24
"""Requests on their way at once; the client keeps twice as many connections."""


def side_by_side(ask: Callable[[T], U], values: Iterable[T]) -> list[U]:
    """What ``ask`` returns for each of the values, in their order. All are asked, even if one raises; then the first
    error is raised.

    The threads end with the call, so that none is there when the process is forked or frozen.
    """
    wanted = list(values)
    if wanted[1:] == []:
        return [ask(value) for value in wanted]
    with ThreadPoolExecutor(min(MOST, len(wanted))) as pool:
        asked = [pool.submit(ask, value) for value in wanted]
    return [each.result() for each in asked]
