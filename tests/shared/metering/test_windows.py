"""Which begin and end a record carries: every pair of seconds once, none overlapping as long as that can be."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.metering.slots import HOUR, SECOND, Slot
from shared.metering.windows import Window, free, narrowed, stretch

BEGIN = datetime(2026, 11, 20, 8, tzinfo=UTC)
SLOT = Slot(BEGIN, BEGIN + HOUR)


def seconds(first: float, last: float) -> Window:
    return Window(BEGIN + first * SECOND, BEGIN + last * SECOND)


def given_away(within: Window, parts: int, most: int = 1000) -> list[Window]:
    """One window after the other until none is left, or there are ``most``."""
    taken: list[Window] = []
    while len(taken) < most and (window := free(within, taken, max(1, parts - len(taken)))):
        taken.append(window)
    return taken


def test_the_first_window_is_the_whole_slot_and_late_ones_begin_a_second_later_each():
    assert given_away(seconds(0, 3600), 1, most=4) == [
        seconds(0, 3600), seconds(1, 3600), seconds(2, 3600), seconds(3, 3600)
    ]  # fmt: skip


def test_parts_share_a_slot_without_overlapping():
    assert given_away(seconds(0, 3600), 3, most=3) == [seconds(0, 1200), seconds(1200, 2400), seconds(2400, 3600)]
    assert given_away(seconds(0, 10), 3, most=3) == [seconds(0, 3), seconds(3, 6), seconds(6, 10)]


def test_what_was_not_given_away_comes_first():
    assert free(seconds(0, 3600), {seconds(0, 1350)}) == seconds(1350, 3600)
    assert free(seconds(0, 3600), {seconds(0, 10), seconds(20, 3600)}) == seconds(10, 20)
    assert free(seconds(5, 10), {seconds(0, 20)}) == seconds(5, 10), "of a window outside only the part inside counts"


@given(st.integers(1, 12), st.integers(1, 100))
def test_every_window_is_given_away_once(length, parts):
    taken = given_away(seconds(0, length), parts)
    assert len(set(taken)) == len(taken) == length * (length + 1) // 2
    assert all(BEGIN <= window.begin < window.end <= BEGIN + length * SECOND for window in taken)


@given(st.integers(1, 3600), st.integers(1, 40))
def test_parts_do_not_overlap_if_there_is_a_second_for_each(length, parts):
    taken = given_away(seconds(0, length), parts, most=parts)
    ordered = sorted(taken)
    if parts <= length:
        assert all(one.end <= next_one.begin for one, next_one in pairwise(ordered))
    assert max(window.end for window in taken) == BEGIN + length * SECOND


@given(st.sets(st.tuples(st.integers(-3, 9), st.integers(1, 6)), max_size=12), st.integers(1, 5))
def test_the_choice_follows_from_what_is_taken_whatever_its_order(pairs, parts):
    taken = [seconds(first, first + length) for first, length in pairs]
    chosen = free(seconds(0, 6), taken, parts)
    assert chosen == free(seconds(0, 6), set(taken), parts)
    assert chosen is None or (chosen not in taken and BEGIN <= chosen.begin < chosen.end <= BEGIN + 6 * SECOND)
    inside = {window for window in taken if window.begin >= BEGIN and window.end <= BEGIN + 6 * SECOND}
    assert (chosen is None) == (len(inside) == 21)


def test_a_stretch_has_whole_seconds_inside_the_slot():
    early, late = BEGIN - HOUR, BEGIN + 2 * HOUR
    assert stretch(SLOT, early, late) == seconds(0, 3600)
    assert stretch(SLOT, BEGIN + 0.5 * SECOND, BEGIN + 3.5 * SECOND) == seconds(1, 3)
    assert stretch(SLOT, BEGIN + 0.5 * SECOND, BEGIN + 1.5 * SECOND) is None
    assert stretch(SLOT, late, late) is None


def test_a_repair_ends_after_the_last_use_and_a_second_earlier_each_time():
    last_use = BEGIN + timedelta(seconds=60, microseconds=5)
    repairs = [narrowed(seconds(0, 3600), last_use, repair) for repair in (1, 2, 3)]
    assert repairs == [seconds(0, 61), seconds(0, 60), seconds(0, 59)]
    assert narrowed(seconds(59, 3600), last_use, 5) == seconds(59, 60)
    assert narrowed(seconds(0, 30), last_use, 1) == seconds(0, 30)
