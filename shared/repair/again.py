"""What others may be at work on while it is repaired."""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import TypeVar

T = TypeVar("T")

PAUSE = 1.0
"""Seconds until what somebody is at work on is looked at again."""


def as_it_is_now(found: T, read: Callable[[], T | None]) -> Iterator[T]:
    """``found``, then what is ``read`` in its place, again and again; it ends when there is nothing any more."""
    return chain([found], iter(read, None))
