"""Work that may take longer than the caller waits."""

import os
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Generic, TypeVar

from shared.clock import Deadline
from shared.errors import InProcess, KooGalleryError

A = TypeVar("A")
T = TypeVar("T")


class _Box(Generic[T]):
    """Result or exception, handed from the worker to whoever still waits."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._context = copy_context()
        self._done: SimpleQueue[tuple[T | None, BaseException | None]] = SimpleQueue()

    def run(self, then: Callable[[], None] = lambda: None) -> None:
        result, error = self._outcome()
        then()
        self._done.put((result, error))

    def wait(self, seconds: float | None = None) -> T:
        result, error = self._done.get(timeout=seconds)
        if error is not None:
            raise error
        return result  # type: ignore[return-value]  # no error means there is a result

    def _outcome(self) -> tuple[T | None, BaseException | None]:
        try:
            return self._context.run(self._work), None
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            return None, error


class _Worker:
    """A thread for one piece of work after the other: a new one each time costs more than most calls do."""

    def __init__(self) -> None:
        self._boxes: SimpleQueue[_Box[Any] | None] = SimpleQueue()
        Thread(target=self._run, name="koogallery-work", daemon=True).start()

    def take(self, box: _Box[Any] | None) -> None:
        """Do that next; ``None`` is the end."""
        self._boxes.put(box)

    def _run(self) -> None:
        while box := self._boxes.get():
            # Idle before the result is out, so that the caller's next work finds this worker.
            box.run(lambda: _idle.append(self))


_idle: list[_Worker] = []
os.register_at_fork(after_in_child=_idle.clear)  # threads stay behind in the parent


def end_idle_threads() -> None:
    """Let the threads end that wait for work; whoever needs one begins another."""
    with suppress(IndexError):  # another one took the last
        while True:
            _idle.pop().take(None)


def within(deadline: Deadline, work: Callable[[], T], late: KooGalleryError | None = None) -> T:
    """Run ``work`` in a thread of its own and return its result if that comes within ``deadline``.

    Work that is late is not stopped: it goes on, and what it stores is there for the next call. A platform may freeze
    the process once the answer is out; then the lease runs out and the next call starts the work again.

    :param late: what to raise if the work has not ended by then, in place of ``InProcess``.
    :raises InProcess: the work has not ended yet.
    """
    try:
        return _begun(work).wait(max(deadline.left(), 0.001))
    except Empty:
        raise late or InProcess("in process, ask again") from None


def both(one: Callable[[], A], other: Callable[[], T], *, side_by_side: bool) -> tuple[A, T]:
    """The results of two pieces of work that do not depend on each other; ``side_by_side``: ``one`` in a thread of its
    own. Neither is left behind, and what ``one`` raises comes first.
    """
    if not side_by_side:
        return one(), other()
    box = _begun(one)
    try:
        second = other()
    finally:
        first = box.wait()
    return first, second


def each_within(deadline: Deadline, work: Callable[[A], T], subjects: Sequence[A], side_by_side: int) -> list[T | None]:
    """The results of ``work`` for each of ``subjects``, ``None`` where it does not come within ``deadline``.

    At most ``side_by_side`` are worked on at a time. What is late goes on, as in :func:`within`; what has not begun by
    then never does. If the work raises for one of them, that is raised.
    """
    results: list[T | None] = [None] * len(subjects)
    waiting = deque(enumerate(subjects))

    def run() -> None:
        while waiting and deadline.left():
            try:
                index, subject = waiting.popleft()
            except IndexError:
                return  # another one took the last
            results[index] = work(subject)

    for box in [_begun(run) for _ in subjects[:side_by_side]]:
        with suppress(Empty):
            box.wait(max(deadline.left(), 0.001))
    return list(results)


def side_by_side(work: Callable[[A], T], subjects: Sequence[A], most: int) -> list[T]:
    """The results of ``work`` for each of ``subjects``, in their order.

    At most ``most`` are worked on at a time, one of them by the caller's own thread. All of them are, even if one
    fails, whose error is raised then; one after the other, the first error ends it.
    """
    if most == 1 or len(subjects) == 1:
        return [work(subject) for subject in subjects]
    boxes = [_Box(partial(work, subject)) for subject in subjects]
    waiting = deque(boxes)

    def run() -> None:
        with suppress(IndexError):  # another one took the last
            while True:
                waiting.popleft().run()

    helpers = [_begun(run) for _ in range(min(most, len(boxes)) - 1)]
    run()
    for helper in helpers:
        helper.wait()
    return [box.wait() for box in boxes]


def _begun(work: Callable[[], T]) -> _Box[T]:
    box = _Box(work)
    try:
        worker = _idle.pop()
    except IndexError:
        worker = _Worker()
    worker.take(box)
    return box
