"""Pauses between attempts."""

import pytest

from shared.clock import BackOff, Deadline
from tests.fakes import FakeClock


@pytest.mark.parametrize(("chance", "slept"), [(0.0, [0.5, 1.0]), (1.0, [1.0, 2.0])])
def test_of_each_pause_between_half_and_all_is_waited(chance: float, slept: list[float]) -> None:
    clock = FakeClock()
    back_off = BackOff(clock, (1.0, 2.0), lambda: chance)
    assert [back_off.wait() for _ in range(4)] == [True, True, False, False]
    assert clock.slept == slept


def test_nothing_is_waited_for_that_would_come_after_the_deadline() -> None:
    clock = FakeClock()
    back_off = BackOff(clock, (1.0, 2.0, 1.0), lambda: 1.0)
    deadline = Deadline(clock, 3.0)
    assert [back_off.wait(deadline), back_off.wait(deadline)] == [True, False]
    assert clock.slept == [1.0]
