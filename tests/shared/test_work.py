"""Work with a deadline: its result, its error, or the news that it goes on."""

import threading
from contextlib import suppress

import pytest

from shared.clock import Deadline, SystemClock
from shared.errors import InProcess
from shared.work import within


def soon(seconds: float) -> Deadline:
    return Deadline(SystemClock(), seconds)


def test_the_result_comes_back():
    assert within(soon(30), lambda: 42) == 42


def test_no_result_is_a_result():
    done = []
    within(soon(30), lambda: done.append(1))
    assert done == [1]


@pytest.mark.parametrize("error", [ValueError("text"), SystemExit(3), KeyboardInterrupt()])
def test_what_the_work_raises_is_raised(error):
    def fail():
        raise error

    with pytest.raises(type(error)) as raised:
        within(soon(30), fail)
    assert raised.value is error


def test_late_work_goes_on():
    go_on, done = threading.Event(), threading.Event()

    def slow():
        go_on.wait(30)
        done.set()

    with pytest.raises(InProcess, match="in process, ask again"):
        within(soon(0.05), slow)
    assert not done.is_set()
    go_on.set()
    assert done.wait(30)


def test_work_is_begun_even_when_no_time_is_left():
    begun = threading.Event()
    with suppress(InProcess):
        within(soon(0), begun.set)
    assert begun.wait(30)


def test_late_work_does_not_keep_the_process_alive():
    seen = within(soon(30), lambda: threading.current_thread().daemon)
    assert seen is True
