"""Validates usage records, at once or later, and stores the result (metering and open APIs, sections 2.4 to 2.6)."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache

from emulator.openapi.usage.behaviour import UsageBehaviour
from emulator.openapi.usage.instances import Bought, KnownInstances
from emulator.openapi.usage.refusals import accepted, partly, refusal
from emulator.openapi.usage.rules import OF_THE_RECORD, RecordCase, breaks, broken
from emulator.openapi.usage.usage_records import ReceivedRecord, UsageRecords
from emulator.wire.faults import Fault
from shared.http import HttpResponse

CALL_CODES = {"001": "9001", "003": "9002", "007": "9004", "009": "0150"}
"""Codes with which a whole call may be refused for one record, by the record's own code."""
PAGE = 500
"""Records that are looked at in one transaction of the background task."""

Get = Callable[[str], Bought | None]


class Validation:
    """Judges by ``instances`` and by what is in ``records`` already. Thread-safe.

    :param dice: draws the records that a fault refuses.
    """

    def __init__(self, records: UsageRecords, instances: KnownInstances, dice: random.Random) -> None:
        self._records, self._instances, self._dice = records, instances, dice

    def at_once(self, received: Sequence[ReceivedRecord], behaviour: UsageBehaviour, fault: Fault) -> HttpResponse:
        """The answer to a well-formed call."""
        with self._records.changing():
            later = behaviour.asynchronous or fault.asynchronous
            return self._judged(self._hit(received, fault), behaviour, later=later)

    def later(self, behaviour: UsageBehaviour, now: datetime) -> None:
        """Look at what waits, as of the time each record came."""
        for _ in range(0, self._records.waiting(), PAGE):
            with self._records.changing():
                get = cache(self._instances.get)
                for received in self._records.taken(PAGE):
                    self._enter(received, now, behaviour, get)

    def _hit(self, received: Sequence[ReceivedRecord], fault: Fault) -> list[ReceivedRecord]:
        """The records, some of them marked to be refused."""
        if not fault.part:
            return list(received)
        drawn = set(self._dice.sample(range(len(received)), max(1, round(fault.share * len(received)))))
        return [replace(each, code=fault.part) if n in drawn else each for n, each in enumerate(received)]

    def _judged(self, received: Sequence[ReceivedRecord], behaviour: UsageBehaviour, *, later: bool) -> HttpResponse:
        get = cache(self._instances.get)
        for each in received:
            case = self._case(each, get)
            if breaks(case, behaviour.whole) or each.code or behaviour.refused:
                code = self._broken(each, case, behaviour)
                if code in behaviour.whole:
                    return refusal(behaviour.dialect, CALL_CODES[code], each.sent.instance_id)
        if later:
            for each in received:
                self._records.wait(each)
            return accepted(behaviour.dialect)
        refused = [(each.sent, code) for each in received if (code := self._enter(each, each.at, behaviour, get))]
        return partly(refused) if refused else accepted(behaviour.dialect)

    def _enter(self, received: ReceivedRecord, now: datetime, behaviour: UsageBehaviour, get: Get) -> str | None:
        """Accept or refuse a record for good; the code of the refusal."""
        sent, case = received.sent, self._case(received, get)
        daily = case.instance is not None and case.instance.daily
        doubtful = received.code or behaviour.refused or breaks(case, OF_THE_RECORD)
        code = self._broken(received, case, behaviour) if doubtful else None
        if code is None and self._records.accept(sent, now, daily=daily):
            return None
        code = code or ("005" if self._records.repeated_sn(sent) else "010")
        self._records.refuse(sent, code, now)
        return code

    def _broken(self, received: ReceivedRecord, case: RecordCase, behaviour: UsageBehaviour) -> str | None:
        sent, refused = received.sent, behaviour.refused
        return broken(case) or received.code or refused.get(sent.metering_sn) or refused.get(sent.instance_id)

    def _case(self, received: ReceivedRecord, get: Get) -> RecordCase:
        sent = received.sent
        package = get(sent.relate_pkg_instance) if sent.relate_pkg_instance else None
        return RecordCase(sent, received.old_api, received.at, get(sent.instance_id), package, self._records)
