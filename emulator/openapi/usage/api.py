"""The marketplace's usage API as its callers meet it, new and old (metering and open APIs, sections 2.1 to 2.6).

Signature, size, form, then each record's own rules; first wins. With synchronous validation the answer lists what was
refused. With asynchronous validation it says "received" to everything that is well-formed; :meth:`UsageApi.settle`
is the background task that looks at the records later.
"""

import random
from collections import deque
from datetime import datetime

from emulator.openapi.lockout import Lockout
from emulator.openapi.order_query import is_signed
from emulator.openapi.usage.behaviour import UsageBehaviour
from emulator.openapi.usage.bill import CollectedLine
from emulator.openapi.usage.hours import Hour, hours
from emulator.openapi.usage.instances import KnownInstances, MeteredInstances
from emulator.openapi.usage.record import faulty_form, read, records_in
from emulator.openapi.usage.refusals import refusal
from emulator.openapi.usage.signature import PushSignatures
from emulator.openapi.usage.usage_records import ReceivedRecord, UsageRecords
from emulator.openapi.usage.validation import Validation
from emulator.wire.api_answers import Dropped, gateway_refusal, unknown_api, unsigned
from emulator.wire.faults import Fault, FaultQueue
from shared.clock import Clock
from shared.http import HttpRequest, HttpResponse
from shared.openapi.usage_push import NEW, OLD

MAX_BODY = 12 * 1024 * 1024
REMEMBERED = 1000


class UsageApi:
    """The usage API for the one seller who has ``key`` and ``ak``/``sk``. Thread-safe.

    ``behaviour`` may be exchanged, ``faults`` injected and ``instances`` changed at any time. ``records`` are those
    that came, ``statuses`` those of the latest answers, 0 for none.

    :param instances: is asked about instances that are not in the attribute ``instances``.
    :param records: what there is already; without it, an empty one in memory.
    :param dice: draws the records that a fault refuses; for a repeatable run.
    :param signing_clock: the time signatures are held against, if that is not ``clock``'s.
    """

    def __init__(
        self,
        key: str,
        ak: str,
        sk: str,
        clock: Clock,
        *,
        instances: KnownInstances | None = None,
        records: UsageRecords | None = None,
        dice: random.Random | None = None,
        signing_clock: Clock | None = None,
    ) -> None:
        self._ak, self._sk, self._clock = ak, sk, clock
        self._signing_clock = signing_clock or clock
        self._signatures = PushSignatures(key)
        self.records = records or UsageRecords()
        self.lockout = Lockout(self._signing_clock)
        self.behaviour = UsageBehaviour()
        self.faults = FaultQueue(clock)
        self.instances = MeteredInstances(instances)
        self.statuses: deque[int] = deque(maxlen=REMEMBERED)
        self._validation = Validation(self.records, self.instances, dice or random.Random())  # noqa: S311 - picks victims

    def answer(self, request: HttpRequest) -> HttpResponse:
        """What the gateway and the service behind it answer.

        :raises Dropped: the caller gets no answer at all.
        """
        try:
            response = self.faults.meet(request.path, self._refusal, lambda fault: self._answer(request, fault))
        except Dropped:
            self.statuses.append(0)
            raise
        self.statuses.append(response.status)
        return response

    def settle(self) -> None:
        """Validate what asynchronous calls left, as of the time each record came (section 2.4, rule 1)."""
        self._validation.later(self.behaviour, self._clock.now())

    def bill(self, limit: int = -1, after: int = 0, instance_id: str = "") -> list[CollectedLine]:
        """What has been collected by now, in the order of acceptance: at minute 15 of each hour, at 01:00 Beijing time
        for daily products.

        :param limit: only the first so many; -1 for all.
        :param after: only those with a greater ``number``: that of the last on the page seen last.
        """
        return self.records.bill(self._clock.now(), limit, after, instance_id)

    def hours(self, instance_id: str, first: datetime, last: datetime) -> list[Hour]:
        """An instance's usage by the hour in UTC, from the hour of ``first`` to that of ``last``; no empty hours."""
        return hours(self.records, instance_id, first, last, self._clock.now())

    def _refusal(self, status: int | None, code: str, text: str) -> HttpResponse:
        return refusal(self.behaviour.dialect, code, text, status)

    def _answer(self, request: HttpRequest, fault: Fault) -> HttpResponse:
        if request.method != "POST" or request.path not in (NEW, OLD):
            return unknown_api()
        if len(request.body) > MAX_BODY:
            return gateway_refusal(413, "APIGW.0201", "Request entity too large")
        behaviour, old = self.behaviour, request.path == OLD
        return self._not_let_in(request, behaviour, old) or self._taken(request.body, behaviour, old, fault)

    def _not_let_in(self, request: HttpRequest, behaviour: UsageBehaviour, old: bool) -> HttpResponse | None:
        """The refusal of a caller who is not the seller. The access key is verified where it must be there or is."""
        now = self._signing_clock.now() + behaviour.skew
        asked = old or behaviour.needs_ak_sk or "authorization" in request.headers
        has_key = not asked or is_signed(request, self._ak, self._sk, now)
        if self.lockout.admits(lambda: has_key and (old or self._signatures.genuine(request, now))):
            return None
        return refusal(behaviour.dialect, "0102") if has_key and not self.lockout.engaged else unsigned()

    def _taken(self, body: bytes, behaviour: UsageBehaviour, old: bool, fault: Fault) -> HttpResponse:
        try:
            records = records_in(body)
        except (ValueError, RecursionError):
            return refusal(behaviour.dialect, "0199")
        if isinstance(records, str):
            return refusal(behaviour.dialect, records)
        if len(records) > behaviour.limit:
            return refusal(behaviour.dialect, "9003")
        for number, members in enumerate(records, 1):
            if code := faulty_form(members, old=old):
                return refusal(behaviour.dialect, code, f"record {number}")
        now = self._clock.now()
        return self._validation.at_once(
            [ReceivedRecord(read(members), old, now) for members in records], behaviour, fault
        )
