"""What was dealt with a moment ago: nothing is taken for known that is not, and memory has a size."""

import tracemalloc
from collections.abc import Iterator

import pytest

from shared.metering.recent import PLACES, Recent

EACH = 8


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


def keys(first: int, count: int) -> list[str]:
    return [f"20261120T08H#instance-{number}" for number in range(first, first + count)]


def test_known_is_what_was_noted_and_nothing_else() -> None:
    recent = Recent()
    recent.note(keys(0, 100))

    assert all(key in recent for key in keys(0, 100))
    assert not any(key in recent for key in keys(100, 1000))
    assert "" not in Recent()


def test_a_place_is_taken_over_by_the_next() -> None:
    recent = Recent(1)
    recent.note(["first", "next"])

    assert ("first" in recent, "next" in recent) == (False, True)


def test_of_more_than_there_are_places_for_some_are_known_when_they_come_round_again() -> None:
    recent = Recent(100)
    known = 0
    for _ in range(10):
        known += sum(key in recent for key in keys(0, 200))
        recent.note(keys(0, 200))

    assert 9 * 200 * 0.1 < known < 9 * 200 * 0.5


@pytest.mark.usefixtures("traced")
def test_memory_does_not_grow() -> None:
    recent = Recent(1000)
    recent.note(keys(0, 10))
    begun, _ = tracemalloc.get_traced_memory()
    for first in range(0, 20_000, 100):
        recent.note(keys(first, 100))

    assert tracemalloc.get_traced_memory()[0] - begun < 1000
    assert PLACES * EACH == 2**20
