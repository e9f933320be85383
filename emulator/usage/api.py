"""The marketplace's usage API as its callers meet it, new and old (metering and open APIs, sections 2.1 to 2.6).

Signature, size, form, then each record's own rules; first wins. With synchronous validation the answer lists what was
refused. With asynchronous validation it says "received" to everything that is well-formed; :meth:`UsageApi.settle`
is the background task that looks at the records later.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Lock

from emulator.api_answers import Dropped, gateway_refusal, unknown_api, unsigned
from emulator.lockout import Lockout
from emulator.order_query import is_signed
from emulator.usage.book import Abnormal, BillLine, Book
from emulator.usage.faults import Faults, UsageFault
from emulator.usage.instances import Instances
from emulator.usage.record import Sent, faulty_form, read, records_in
from emulator.usage.refusals import Dialect, accepted, partly, refusal
from emulator.usage.rules import Case, broken
from emulator.usage.signature import PushSignatures
from shared.clock import Clock
from shared.http import HttpRequest, HttpResponse
from shared.openapi.usage_push import NEW, OLD

MAX_BODY = 12 * 1024 * 1024
CALL_CODES = {"001": "9001", "003": "9002", "007": "9004", "009": "0150"}
"""Codes with which a whole call may be refused for one record, by the record's own code."""
REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How the API behaves; where the documents leave it open, both ways.

    ``limit``: records in a call; older tables say 100. ``whole``: record codes that refuse the whole call (see
    ``CALL_CODES``). ``skew``: how far the gateway's clock is wrong. ``refused``: record codes by ``metering_sn`` or
    instance id, for records that break no rule.
    """

    dialect: Dialect = Dialect.MKT
    asynchronous: bool = False
    limit: int = 1000
    whole: frozenset[str] = frozenset({"007"})
    needs_ak_sk: bool = False
    skew: timedelta = timedelta()
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Received:
    """A record that waits for the background task."""

    sent: Sent
    old_api: bool
    at: datetime


class UsageApi:
    """The usage API for the one seller who has ``key`` and ``ak``/``sk``. Thread-safe.

    ``behaviour`` may be exchanged, ``faults`` injected and ``instances`` changed at any time. ``statuses`` are those of
    the latest answers, 0 for none.
    """

    def __init__(self, key: str, ak: str, sk: str, clock: Clock) -> None:
        self._ak, self._sk, self._clock = ak, sk, clock
        self._signatures = PushSignatures(key)
        self._book = Book()
        self._received: list[Received] = []
        self._lock = Lock()
        self.lockout = Lockout(clock)
        self.behaviour = Behaviour()
        self.faults = Faults()
        self.instances = Instances()
        self.statuses: deque[int] = deque(maxlen=REMEMBERED)

    def answer(self, request: HttpRequest) -> HttpResponse:
        """What the gateway and the service behind it answer.

        :raises Dropped: the caller gets no answer at all.
        """
        fault = self.faults.next()
        if fault.delay:
            self._clock.sleep(fault.delay)
        response = self._met(fault, request)
        self.statuses.append(response.status if response else 0)
        if response is None:
            raise Dropped
        return response

    def settle(self) -> None:
        """Validate what asynchronous calls left, as of the time each record came (section 2.4, rule 1)."""
        with self._lock:
            now = self._clock.now()
            for received in self._received:
                self._enter(received, now)
            self._received.clear()

    def abnormal(self) -> list[Abnormal]:
        """Refused records, oldest first, as the seller console shows them."""
        with self._lock:
            return list(self._book.abnormal)

    def total(self, instance_id: str) -> Decimal:
        """Sum of an instance's accepted records."""
        with self._lock:
            return self._book.total(instance_id)

    def bill(self) -> list[BillLine]:
        """What has been collected by now: at minute 15 of each hour, at 01:00 Beijing time for daily products."""
        with self._lock:
            return self._book.bill(self._clock.now())

    def _met(self, fault: UsageFault, request: HttpRequest) -> HttpResponse | None:
        if fault.drop:
            return None
        response = fault.answer(self.behaviour.dialect) or self._answer(request)
        return None if fault.lose else response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or request.path not in (NEW, OLD):
            return unknown_api()
        if len(request.body) > MAX_BODY:
            return gateway_refusal(413, "APIGW.0201", "Request entity too large")
        behaviour, old = self.behaviour, request.path == OLD
        return self._not_let_in(request, behaviour, old) or self._taken(request.body, behaviour, old)

    def _not_let_in(self, request: HttpRequest, behaviour: Behaviour, old: bool) -> HttpResponse | None:
        """The refusal of a caller who is not the seller. The access key is verified where it must be there or is."""
        now = self._clock.now() + behaviour.skew
        asked = old or behaviour.needs_ak_sk or "authorization" in request.headers
        has_key = not asked or is_signed(request, self._ak, self._sk, now)
        if self.lockout.admits(lambda: has_key and (old or self._signatures.genuine(request, now))):
            return None
        return refusal(behaviour.dialect, "0102") if has_key and not self.lockout.engaged else unsigned()

    def _taken(self, body: bytes, behaviour: Behaviour, old: bool) -> HttpResponse:
        try:
            records = records_in(body)
        except ValueError:
            return refusal(behaviour.dialect, "0199")
        if isinstance(records, str):
            return refusal(behaviour.dialect, records)
        if len(records) > behaviour.limit:
            return refusal(behaviour.dialect, "9003")
        for number, members in enumerate(records, 1):
            if code := faulty_form(members, old=old):
                return refusal(behaviour.dialect, code, f"record {number}")
        with self._lock:
            now = self._clock.now()
            return self._judged([Received(read(members), old, now) for members in records], behaviour)

    def _judged(self, received: Sequence[Received], behaviour: Behaviour) -> HttpResponse:
        for each in received:
            code = self._broken(each)
            if code in behaviour.whole:
                return refusal(behaviour.dialect, CALL_CODES[code], each.sent.instance_id)
        if behaviour.asynchronous:
            self._received += received
            return accepted(behaviour.dialect)
        refused = [(each.sent, code) for each in received if (code := self._enter(each, each.at))]
        return partly(refused) if refused else accepted(behaviour.dialect)

    def _enter(self, received: Received, now: datetime) -> str | None:
        """Accept or refuse a record for good; the code of the refusal."""
        code = self._broken(received)
        if code is not None:
            self._book.refuse(received.sent, code, now)
            return code
        instance = self.instances.get(received.sent.instance_id)
        self._book.accept(received.sent, now, daily=instance is not None and instance.daily)
        return None

    def _broken(self, received: Received) -> str | None:
        sent = received.sent
        case = Case(
            sent,
            received.old_api,
            received.at,
            self.instances.get(sent.instance_id),
            self.instances.get(sent.relate_pkg_instance),
            self._book.repeated_sn(sent),
            self._book.repeated_window(sent),
        )
        refused = self.behaviour.refused
        return broken(case) or refused.get(sent.metering_sn) or refused.get(sent.instance_id)
