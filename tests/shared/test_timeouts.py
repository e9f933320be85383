"""Work with a deadline: its result, its error, or the news that it goes on."""

import subprocess
import sys
import threading
import time
import weakref
from contextlib import suppress

import pytest

from shared.clock import Deadline, SystemClock
from shared.errors import InProcess
from shared.timeouts import each_within, side_by_side, within


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


def test_a_thread_is_used_again():
    threads = {within(soon(30), threading.current_thread) for _ in range(20)}
    assert len(threads) < 5


def test_work_inside_work_has_another_thread():
    def both():
        return threading.current_thread(), within(soon(30), threading.current_thread)

    outer, inner = within(soon(30), both)
    assert outer is not inner


def test_work_that_is_late_holds_nobody_up():
    go_on = threading.Event()
    for _ in range(3):
        with pytest.raises(InProcess):
            within(soon(0.01), lambda: go_on.wait(30))
    assert within(soon(30), go_on.is_set) is False
    go_on.set()


def test_what_is_done_is_let_go():
    class Held:
        pass

    done = weakref.ref(within(soon(30), Held))
    end = time.monotonic() + 10
    while done() is not None and time.monotonic() < end:
        time.sleep(0.01)
    assert done() is None


def test_a_forked_process_has_threads_of_its_own():
    code = (
        "import os\n"
        "from shared.clock import Deadline, SystemClock\n"
        "from shared.timeouts import within\n"
        "answer = lambda: within(Deadline(SystemClock(), 10), lambda: 42)\n"
        "assert answer() == 42\n"
        "child = os.fork()\n"
        "if not child: os._exit(answer())\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))"
    )
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "42\n"


def test_results_stand_in_the_order_of_the_subjects():
    assert each_within(soon(30), str, range(20), 3) == [str(number) for number in range(20)]
    assert each_within(soon(30), str, [], 3) == []


def test_at_most_so_many_are_worked_on_at_a_time():
    barrier = threading.Barrier(3)  # lets nobody through until three are at work
    lock, at_work, most = threading.Lock(), set(), []

    def work(number):
        with lock:
            at_work.add(number)
            most.append(len(at_work))
        barrier.wait(30)
        with lock:
            at_work.remove(number)

    each_within(soon(30), work, range(9), 3)
    assert max(most) == 3


def test_late_results_are_missing_and_what_has_not_begun_never_does():
    go_on, begun = threading.Event(), []

    def work(number):
        begun.append(number)
        if number:
            go_on.wait(30)
        return number

    assert each_within(soon(0.5), work, range(5), 2) == [0, None, None, None, None]
    go_on.set()
    within(soon(30), lambda: None)
    assert sorted(begun) == [0, 1, 2]


def test_an_error_of_one_is_raised():
    with pytest.raises(ZeroDivisionError):
        each_within(soon(30), lambda number: 1 / number, [1, 0, 2], 2)


def test_side_by_side_results_stand_in_the_order_of_the_subjects():
    assert side_by_side(str, range(20), 3) == [str(number) for number in range(20)]
    assert side_by_side(str, [], 3) == []


def test_so_many_are_worked_on_at_a_time_the_caller_among_them():
    barrier = threading.Barrier(3)
    threads = set()

    def work(_number):
        threads.add(threading.current_thread())
        barrier.wait(30)

    side_by_side(work, range(9), 3)
    assert len(threads) == 3
    assert threading.current_thread() in threads


def test_one_at_a_time_no_other_thread_is_asked():
    assert set(side_by_side(lambda _: threading.current_thread(), range(3), 1)) == {threading.current_thread()}
    assert side_by_side(lambda _: threading.current_thread(), [1], 3) == [threading.current_thread()]


def test_all_are_worked_on_even_if_one_fails():
    done = []

    def work(number):
        time.sleep(number / 100)  # the last is still at it when the one that failed is done
        done.append(number)
        return 1 / number if number != 2 else {}.popitem()

    with pytest.raises(ZeroDivisionError):
        side_by_side(work, [1, 0, 2, 3, 4], 2)
    assert sorted(done) == [0, 1, 2, 3, 4]


def test_one_after_the_other_an_error_ends_it():
    done = []
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda number: done.append(1 / number), [1, 0, 2], 1)
    assert done == [1]
