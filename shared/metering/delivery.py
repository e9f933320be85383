"""Pushing records until each has its verdict, or time or patience is over. Stores nothing.

A call that fails leaves its records for later. A batch refused as a whole is cut in halves until the record at fault
stands alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

from shared import log
from shared.clock import BackOff, Clock, Deadline
from shared.errors import Unavailable
from shared.metering.records import Record
from shared.openapi.usage_codes import Advice, advice_for_call, advice_for_record
from shared.openapi.usage_push import PushAnswer, UsageRecord
from shared.store.paging import chunks
from shared.usage_limits import time_text

SMALL_BATCH = 100
PARTLY = "94060999"
"""HTTP 200, yet records were refused; the answer lists them (section 2.5b)."""
PAUSES = (0.5, 1.0, 2.0)
"""Seconds between attempts at one push, at most."""


class Push(Protocol):
    """The usage API, as :class:`shared.openapi.usage_push.UsagePush` calls it."""

    def push(self, records: Sequence[UsageRecord], deadline: Deadline) -> PushAnswer:
        """Send the records in one call; ``Unavailable`` if there is no answer."""


@dataclass(frozen=True, slots=True)
class RecordVerdict:
    """What the marketplace said of a record, which has its attempts on it. ``code``: ``None`` for plain success."""

    record: Record
    code: str | None
    advice: Advice


@dataclass
class Delivered:
    """What became of records: ``verdicts``, those sent that are ``left`` without, and those ``unsent``."""

    verdicts: list[RecordVerdict] = field(default_factory=list)
    left: list[Record] = field(default_factory=list)
    unsent: list[Record] = field(default_factory=list)


class Courier:
    """Brings records to the marketplace, at most ``batch`` in a call; ``calls`` tells how many that took. One for all
    shards of a run: what is refused to one is refused to all, and they do not call at the same time.

    ``stopped``: the code with which the marketplace refused the seller. Nothing is sent any more after that: it would
    lock the seller out (section 6.6).
    """

    def __init__(self, push: Push, clock: Clock, batch: int) -> None:
        self._push, self._clock, self.batch, self.calls = push, clock, batch, 0
        self._calling = Lock()
        self.stopped: str | None = None

    def deliver(self, records: Sequence[Record], deadline: Deadline) -> Delivered:
        """Push records, each of which has an attempt on file, while time is left."""
        delivered = Delivered()
        with self._calling:
            for batch in chunks(records, self.batch):
                if self.stopped or not deadline.left():
                    delivered.unsent += batch
                else:
                    self._send(batch, deadline, delivered)
        return delivered

    def _send(self, batch: Sequence[Record], deadline: Deadline, delivered: Delivered) -> None:
        if self.stopped:
            delivered.left += batch
            return
        batch, answer = self._answered(batch, deadline)
        if answer is None:
            delivered.left += batch
            return
        advice = advice_for_call(answer.code, answer.status)
        if advice is Advice.STOP:
            self.stopped = answer.code
            delivered.left += batch
        elif answer.refused:
            self._partly(batch, answer, deadline, delivered)
        elif advice is Advice.DELIVERED and answer.code != PARTLY:
            delivered.verdicts += [RecordVerdict(record, None, advice) for record in batch]
        elif len(batch) == 1:
            delivered.verdicts.append(RecordVerdict(batch[0], answer.code, advice_for_record(answer.code)))
        else:
            self._in_parts(batch, advice, deadline, delivered)

    def _answered(self, batch: Sequence[Record], deadline: Deadline) -> tuple[Sequence[Record], PushAnswer | None]:
        """The answer to a push, asked again while it is "later" (``None``: next run); the batch with its attempts."""
        back_off = BackOff(self._clock, PAUSES)
        while True:
            try:
                answer = self._push.push([_sent(record) for record in batch], deadline)
            except Unavailable:
                answer = None
            self.calls += 1
            if answer and answer.repeated:
                batch = _again(batch)
            if answer and advice_for_call(answer.code, answer.status) is not Advice.RETRY:
                return batch, answer
            batch = _again(batch)
            if not back_off.wait(deadline):
                return batch, None

    def _partly(self, batch: Sequence[Record], answer: PushAnswer, deadline: Deadline, delivered: Delivered) -> None:
        """The listed records are refused. The others are sent once more: what was taken is then a duplicate."""
        rest = []
        for record in batch:
            code = answer.refused.get(record.metering_sn) or answer.refused.get(_window_name(record))
            if code:
                delivered.verdicts.append(RecordVerdict(record, code, advice_for_record(code)))
            else:
                rest.append(record)
        if len(rest) == len(batch):
            log.alarm("the usage API refuses records that were not sent", code=answer.code, count=len(answer.refused))
            delivered.left += rest
        elif rest:
            self._send(_again(rest), deadline, delivered)

    def _in_parts(self, batch: Sequence[Record], advice: Advice, deadline: Deadline, delivered: Delivered) -> None:
        size = (len(batch) + 1) // 2
        if advice is Advice.SMALLER:
            size = min(SMALL_BATCH, size)
            self.batch = size
        for part in chunks(_again(batch), size):
            self._send(part, deadline, delivered)


def _sent(record: Record) -> UsageRecord:
    return UsageRecord(
        instance_id=record.instance_id,
        begin_time=time_text(record.begin),
        end_time=time_text(record.end),
        record_time=time_text(record.sealed_at),
        usage_value=record.value,
        metering_sn=record.metering_sn,
        relate_pkg_instance=record.package,
        product_id=record.product_id,
    )


def _again(batch: Sequence[Record]) -> list[Record]:
    return [record.attempted() for record in batch]


def _window_name(record: Record) -> str:
    return f"{record.instance_id}/{time_text(record.begin)}/{time_text(record.end)}"
