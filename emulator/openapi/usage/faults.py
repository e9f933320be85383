"""What can go wrong with a push on its way, to order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from emulator.openapi.usage.refusals import UsageDialect, refusal
from emulator.wire.api_answers import gateway_refusal, page_answer
from emulator.wire.fault_queue import FaultQueue
from shared.http import HttpResponse

SLOW = 3.0
TOO_SLOW = 30.0
"""Seconds that no caller waits for."""


@dataclass(frozen=True, slots=True)
class UsageFault:
    """What one call meets: ``delay`` seconds, then what else is set, otherwise the usual.

    ``code`` (without prefix) refuses the call, with ``status`` instead of the documented one if given; a ``status``
    alone is answered by something in between, without JSON. ``drop``: the connection breaks before anything has
    happened. ``lose``: the call has its effect, and the connection breaks before the answer.

    ``record_code`` refuses ``share`` of the call's records, one at least, though they break no rule; which ones is
    drawn. ``asynchronous``: the call is answered with "received" and its records are looked at later.
    """

    code: str = ""
    status: int | None = None
    delay: float = 0.0
    drop: bool = False
    lose: bool = False
    record_code: str = ""
    share: float = 0.5
    asynchronous: bool = False
    title: str = field(default="", compare=False)

    def answer(self, dialect: UsageDialect) -> HttpResponse | None:
        """The refusal, if it is one."""
        if self.code.startswith("APIGW."):
            return gateway_refusal(self.status or 500, self.code, "injected fault")
        if self.code:
            return refusal(dialect, self.code, "injected fault", self.status)
        if self.status is not None:
            return page_answer(self.status, "injected fault")
        return None


THROTTLED = UsageFault("0250", title="throttled by the marketplace (406)")
GATEWAY_THROTTLED = UsageFault("APIGW.0308", 429, title="throttled by the gateway (429)")
BROKEN = UsageFault("0999", title="internal error of the marketplace (500)")
BAD_GATEWAY = UsageFault(status=502, title="bad gateway, a page instead of JSON (502)")
UNAVAILABLE = UsageFault(status=503, title="service unavailable, a page instead of JSON (503)")
TIMED_OUT = UsageFault("APIGW.0201", 504, title="the gateway gives up waiting (504)")
NOT_LET_IN = UsageFault("0154", title="token refused (401)")
DROPPED = UsageFault(drop=True, title="the connection breaks before anything has happened")
LOST = UsageFault(lose=True, title="records are taken, the answer is lost")

USAGE_FAULTS: Mapping[str, UsageFault] = MappingProxyType(
    {
        "usage-throttled": THROTTLED,
        "usage-gateway-throttled": GATEWAY_THROTTLED,
        "usage-internal-error": BROKEN,
        "usage-bad-gateway": BAD_GATEWAY,
        "usage-unavailable": UNAVAILABLE,
        "usage-gateway-timeout": TIMED_OUT,
        "usage-not-let-in": NOT_LET_IN,
        "usage-signature-refused": UsageFault("0102", title="signature refused though it is right (400)"),
        "usage-seller-status": UsageFault("94060010", title="the seller's status is invalid (401)"),
        "usage-dropped": DROPPED,
        "usage-answer-lost": LOST,
        "usage-slow": UsageFault(delay=SLOW, title="the answer comes late"),
        "usage-too-slow": UsageFault(delay=TOO_SLOW, lose=True, title="records are taken, no answer in time"),
        "usage-some-unknown": UsageFault(
            record_code="001", title="some records refused: instance unknown, as before it is replicated"
        ),
        "usage-some-frozen": UsageFault(record_code="013", title="some records refused: instance frozen"),
        "usage-some-refused": UsageFault(
            record_code="006", share=0.1, title="some records refused for good: product off the shelf"
        ),
        "usage-later": UsageFault(asynchronous=True, title="records are received and looked at later"),
        "usage-later-refused": UsageFault(
            asynchronous=True, record_code="006", share=0.1, title="records are received, some refused for good later"
        ),
    }
)
"""The faults that can be switched on, by id."""


class UsageFaults(FaultQueue[UsageFault]):
    """Those of the usage API."""

    def __init__(self) -> None:
        super().__init__(UsageFault())
