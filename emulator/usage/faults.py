"""What can go wrong with a push on its way, to order."""

from collections import deque
from dataclasses import dataclass
from threading import Lock

from emulator.api_answers import gateway_refusal
from emulator.usage.refusals import Dialect, refusal
from shared.http import HttpResponse


@dataclass(frozen=True, slots=True)
class UsageFault:
    """What one call meets: ``delay`` seconds, then what else is set, otherwise the usual.

    ``code`` (without prefix) refuses the call, with ``status`` instead of the documented one if given; a ``status``
    alone is answered by something in between, without JSON. ``drop``: the connection breaks before anything has
    happened. ``lose``: the call has its effect, and the connection breaks before the answer.
    """

    code: str = ""
    status: int | None = None
    delay: float = 0.0
    drop: bool = False
    lose: bool = False

    def answer(self, dialect: Dialect) -> HttpResponse | None:
        """The refusal, if it is one."""
        if self.code.startswith("APIGW."):
            return gateway_refusal(self.status or 500, self.code, "injected fault")
        if self.code:
            return refusal(dialect, self.code, "injected fault", self.status)
        if self.status is not None:
            return HttpResponse(self.status, {"Content-Type": "text/html"}, b"<html>injected fault</html>")
        return None


THROTTLED = UsageFault("0250")
GATEWAY_THROTTLED = UsageFault("APIGW.0308", 429)
BROKEN = UsageFault("0999")
BAD_GATEWAY = UsageFault(status=502)
TIMED_OUT = UsageFault("APIGW.0201", 504)
NOT_LET_IN = UsageFault("0154")
DROPPED = UsageFault(drop=True)
LOST = UsageFault(lose=True)


class Faults:
    """The faults that the next calls meet, one each, in the order of injection. Thread-safe."""

    def __init__(self) -> None:
        self._waiting: deque[UsageFault] = deque()
        self._lock = Lock()

    def inject(self, fault: UsageFault, times: int = 1) -> None:
        """Let the next ``times`` calls meet ``fault``, after those injected before."""
        with self._lock:
            self._waiting.extend([fault] * times)

    def next(self) -> UsageFault:
        """What the present call meets."""
        with self._lock:
            return self._waiting.popleft() if self._waiting else UsageFault()
