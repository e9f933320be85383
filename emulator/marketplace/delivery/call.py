"""One recorded call in either direction: request, answer and the findings about it."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from emulator.checks import CheckResult, Verdict
from emulator.marketplace.storage.kept_text import KeptText
from emulator.texts import Text
from emulator.wire.client import Answer, NoAnswer, Reply
from shared.http import HttpRequest

INJECTED = "injected"
"""The verdict on a call that a fault of the marketplace has ended: the seller is not to blame."""
_FROZEN = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")


class Direction(StrEnum):
    OUT = "out"
    """The marketplace called the seller."""
    IN = "in"
    """The seller called the marketplace."""
    BACKEND = "backend"
    """The seller's side called a backend of its own."""


class Family(StrEnum):
    """Which interfaces the call is of."""

    PRODUCTION = "production"
    SYNC = "sync"
    ORDERS = "orders"
    USAGE = "usage"
    SIGN_IN = "sign-in"
    WEBHOOK = "webhook"


class SentRequest(BaseModel):
    """The request as it went out: names of headers as sent, ``query`` decoded, ``body`` the exact bytes."""

    model_config = _FROZEN

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @classmethod
    def of(cls, request: HttpRequest) -> "SentRequest":
        headers = tuple(request.headers.items())
        return cls(method=request.method, path=request.path, query=request.query, headers=headers, body=request.body)

    def request(self) -> HttpRequest:
        return HttpRequest(self.method, self.path, self.query, dict(self.headers), self.body)


class ReceivedAnswer(BaseModel):
    """The answer as it came; without one, ``problem`` says why and ``status`` is 0.

    ``injected``: there is none because of a fault that was injected; ``withheld`` is what the seller answered.
    """

    model_config = _FROZEN

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    milliseconds: float = 0.0
    problem: KeptText = None
    timed_out: bool = False
    injected: bool = False
    withheld: "ReceivedAnswer | None" = None

    @classmethod
    def of(cls, reply: Reply) -> "ReceivedAnswer":
        if isinstance(reply, Answer):
            took = round(reply.milliseconds, 2)
            return cls(status=reply.status, headers=reply.headers, body=reply.body, milliseconds=took)
        return cls(
            problem=reply.reason,
            milliseconds=reply.milliseconds,
            timed_out=reply.timed_out,
            injected=reply.injected,
            withheld=cls.of(reply.withheld) if reply.withheld else None,
        )

    def reply(self) -> Reply:
        if not self.status:
            return NoAnswer(self.problem or Text("reasons.unanswered"), self.milliseconds, self.timed_out)
        return Answer(self.status, self.headers, self.body, self.milliseconds)


class Judged(BaseModel):
    """What one check found; ``reason``: why it failed."""

    model_config = ConfigDict(frozen=True)  # older files have the English title and advice, too

    id: str
    verdict: Verdict
    reason: KeptText = None

    @classmethod
    def of(cls, finding: CheckResult) -> "Judged":
        return cls(id=finding.check.id, verdict=finding.verdict, reason=finding.reason)

    @property
    def problem(self) -> Text | None:
        """What is wrong, with what should be."""
        return self.reason and Text("calls.unmet", title=Text(f"checks.{self.id}.title"), why=self.reason)


class RecordedCall(BaseModel):
    """A call. ``number`` is its place in the timeline, from 1; ``at`` (UTC, the marketplace's clock) when it was made.

    ``occasion`` says why it was made, e.g. ``occasions.attempt``; ``fault`` what was done to it, if anything.
    ``key_name``: member of :class:`emulator.keys.Keys` that signs it. ``expected``: result codes that are right.
    ``unsigned``: an answer arrived whose signature is missing or wrong. Findings are empty for calls of the seller.
    """

    model_config = _FROZEN

    number: int = 0
    at: datetime
    direction: Direction
    family: Family
    activity: str
    version: str = ""
    order_id: str = ""
    instance_id: str = ""
    message_id: str = ""
    occasion: KeptText = None
    fault: str = ""
    key_name: str = ""
    expected: tuple[str, ...] = ()
    sent: SentRequest
    received: ReceivedAnswer
    code: str = ""
    findings: tuple[Judged, ...] = ()

    @property
    def source(self) -> str:
        """Who made it: the last part of its occasion's id, e.g. ``attempt`` or ``check``; ``seller`` for the seller."""
        if self.direction is not Direction.OUT:
            return "seller"
        told = self.occasion.parameters.get("what", self.occasion) if self.occasion else ""
        return told.id.rpartition(".")[2] if isinstance(told, Text) else ""

    @property
    def request_id(self) -> str:
        """Under which the seller's server has logged it, as far as its answer says."""
        reply = (self.received.withheld or self.received).reply()
        return reply.request_id if isinstance(reply, Answer) else ""

    @property
    def verdict(self) -> str:
        """``injected`` if a fault left nothing to judge, ``failed`` if a check failed, ``passed`` if some were made,
        otherwise empty.
        """
        if self.received.injected:
            return INJECTED
        verdicts = {finding.verdict for finding in self.findings}
        return Verdict.FAILED.value if Verdict.FAILED in verdicts else Verdict.PASSED.value if verdicts else ""

    @property
    def first_failure(self) -> Judged | None:
        return next((finding for finding in self.findings if finding.verdict is Verdict.FAILED), None)

    @property
    def problem(self) -> Text | None:
        """The first failed check, or why there is no answer."""
        failure = self.first_failure
        return failure.problem if failure else self.received.problem

    @property
    def unsigned(self) -> bool:
        """Did an answer arrive without a right signature?"""
        failed = {finding.id for finding in self.findings if finding.verdict is Verdict.FAILED}
        return bool(self.received.status) and any(name.startswith("sign.") for name in failed)
