"""What goes wrong to order: faults that wait for the next calls, and a chance of others when none waits."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

F = TypeVar("F")


class FaultQueue(Generic[F]):
    """The faults that the next calls meet, one each, in the order of injection. Thread-safe.

    ``chance`` is asked by a call for which none waits; it may be exchanged at any time, and must be thread-safe.
    """

    def __init__(self, nothing: F) -> None:
        self._waiting: list[F] = []
        self._lock = Lock()
        self.chance: Callable[[], F] = lambda: nothing

    def inject(self, fault: F, times: int = 1) -> None:
        """Let the next ``times`` calls meet ``fault``, after those injected before."""
        with self._lock:
            self._waiting.extend([fault] * times)

    def clear(self) -> None:
        """Forget those that wait."""
        with self._lock:
            self._waiting.clear()

    def next(self, fits: Callable[[F], bool] = lambda _: True) -> F:
        """What the present call meets: the first that waits and ``fits`` it, otherwise what chance has."""
        with self._lock:
            for place, fault in enumerate(self._waiting):
                if fits(fault):
                    return self._waiting.pop(place)
        return self.chance()
