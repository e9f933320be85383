"""Work that may take longer than the caller waits."""

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Generic, TypeVar

from shared.clock import Deadline
from shared.errors import InProcess

T = TypeVar("T")


class _Box(Generic[T]):
    """Result or exception, handed from the worker to whoever still waits."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._done: SimpleQueue[tuple[T | None, BaseException | None]] = SimpleQueue()

    def run(self) -> None:
        try:
            self._done.put((self._work(), None))
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            self._done.put((None, error))

    def wait(self, seconds: float) -> T:
        result, error = self._done.get(timeout=seconds)
        if error is not None:
            raise error
        return result  # type: ignore[return-value]  # no error means there is a result


def within(deadline: Deadline, work: Callable[[], T]) -> T:
    """Run ``work`` in a thread of its own and return its result if that comes within ``deadline``.

    Work that is late is not stopped: it goes on, and what it stores is there for the next call. A platform may freeze
    the process once the answer is out; then the lease runs out and the next call starts the work again.

    :raises InProcess: the work has not ended yet.
    """
    box = _Box(work)
    Thread(target=box.run, name="koogallery-work", daemon=True).start()
    try:
        return box.wait(max(deadline.left(), 0.001))
    except Empty:
        raise InProcess("in process, ask again") from None
