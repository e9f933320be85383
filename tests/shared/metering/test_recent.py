"""What was dealt with a moment ago: nothing is taken for known that is not, and memory has a size."""

import tracemalloc
from collections.abc import Iterator

import pytest

from shared.metering.recent import BUCKETS, EACH, Recent


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


def test_a_bucket_holds_the_latest() -> None:
    recent = Recent(1)
    recent.note(keys(0, EACH + 1))
    recent.note(keys(1, 1))

    assert [key in recent for key in keys(0, EACH + 1)] == [False] + [True] * EACH


def test_of_more_than_there_is_room_for_some_are_known_when_they_come_round_again() -> None:
    recent, many, rounds = Recent(100), keys(0, 100 * EACH + 100), 10
    known = 0
    for key in many * rounds:
        known += key in recent
        recent.note([key])

    assert 0.2 < known / len(many * rounds) < 0.8


@pytest.mark.usefixtures("traced")
def test_memory_does_not_grow() -> None:
    recent = Recent(250)
    recent.note(keys(0, 10))
    begun, _ = tracemalloc.get_traced_memory()
    for first in range(0, 20_000, 100):
        recent.note(keys(first, 100))

    assert tracemalloc.get_traced_memory()[0] - begun < 1000
    assert BUCKETS * EACH == 2**17
