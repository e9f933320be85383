"""What goes wrong to order with a call to the open APIs or the sign-in server: faults that wait for the next calls, and
a chance of others when none waits.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Lock

from emulator.wire.api_answers import Dropped, gateway_refusal, page_answer
from shared.clock import Clock
from shared.http import HttpResponse

Refusal = Callable[[int | None, str, str], HttpResponse]
"""How an API spells a refusal: status, ``None`` for the documented one, code and text."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What one call meets: ``delay`` seconds, then what else is set, otherwise the usual.

    ``code`` refuses the call; a ``status`` alone is a page of something in between; ``body`` is answered as if it were
    JSON. ``drop``: the connection breaks before anything has happened; ``lose``: after it. ``at``: the paths that can
    meet it, if not all.

    ``part`` is what is wrong within the usual answer: :data:`EMPTY` or :data:`UNKNOWN` of an order, or the code that
    refuses ``share`` of a call's usage records, one at least, though they break no rule; which ones is drawn.
    ``asynchronous``: the records are answered with "received" and looked at later.
    """

    status: int | None = None
    code: str = ""
    text: str = "injected fault"
    body: str = ""
    delay: float = 0.0
    drop: bool = False
    lose: bool = False
    at: tuple[str, ...] = ()
    part: str = ""
    share: float = 0.5
    asynchronous: bool = False
    name: str = "some-fault"
    """Under which it stands in the list of calls."""

    def fits(self, path: str) -> bool:
        """Can a call to ``path`` meet it?"""
        return not self.at or path in self.at

    def answer(self, refusal: Refusal) -> HttpResponse | None:
        """The answer, if the fault has one."""
        if self.body:
            return HttpResponse(self.status or 200, {"Content-Type": "application/json"}, self.body.encode())
        if self.code.startswith("APIGW."):
            return gateway_refusal(self.status or 500, self.code, self.text)
        if self.code:
            return refusal(self.status, self.code, self.text)
        return None if self.status is None else page_answer(self.status, self.text)


EMPTY, UNKNOWN = "empty", "unknown"
"""Success without the order; the order has not come to this part of the marketplace yet."""
NOTHING = Fault()
MET: ContextVar[str] = ContextVar("fault met", default="")
"""The name of the fault that the call under way in this thread has met, for who writes calls down."""


class FaultQueue:
    """The faults that the next calls meet, one each, in the order of injection. Thread-safe.

    ``chance`` is asked by a call for which none waits; it may be exchanged at any time, and must be thread-safe.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: list[Fault] = []
        self._lock = Lock()
        self.chance: Callable[[], Fault] = lambda: NOTHING

    def inject(self, fault: Fault, times: int = 1) -> None:
        """Let the next ``times`` calls that fit meet ``fault``, after those injected before."""
        with self._lock:
            self._waiting.extend([fault] * times)

    def next(self, path: str = "") -> Fault:
        """What the present call meets: the first that waits and fits it, otherwise what chance has, if that does."""
        with self._lock:
            for place, fault in enumerate(self._waiting):
                if fault.fits(path):
                    return self._waiting.pop(place)
        fault = self.chance()
        return fault if fault.fits(path) else NOTHING

    def meet(self, path: str, refusal: Refusal, usual: Callable[[Fault], HttpResponse]) -> HttpResponse:
        """The answer to a call to ``path``.

        :raises Dropped: the caller gets no answer at all.
        """
        fault = self.next(path)
        MET.set("" if fault == NOTHING else fault.name)
        if fault.delay:
            self._clock.sleep(fault.delay)
        if fault.drop:
            raise Dropped
        response = fault.answer(refusal) or usual(fault)
        if fault.lose:
            raise Dropped
        return response
