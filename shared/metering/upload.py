"""Uploading: open records are pushed in batches, and every record gets its own verdict.

Nothing else moves a record through its states. A call that fails leaves its records open for the next run. A batch
refused as a whole is cut in halves until the record at fault stands alone. Only for a record that was sent before does
"duplicate" mean delivered.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from shared import log
from shared.clock import BackOff, Clock, Deadline
from shared.errors import Unavailable
from shared.metering.ledger import Ledger, Meter
from shared.metering.records import OPEN, Record, Records, RecordState
from shared.metering.room import TOO_LATE
from shared.metering.slots import from_key
from shared.metering.verdicts import Verdicts
from shared.openapi.usage_codes import Advice, advice_for_call, advice_for_record
from shared.openapi.usage_push import TIME, PushAnswer, UsageRecord
from shared.store.paging import chunks
from shared.store.table import Item, Stale
from shared.usage_limits import LATE_LIMIT

READ_AT_ONCE = 1000
SMALL_BATCH = 100
PARTLY = "94060999"
"""HTTP 200, yet records were refused; the answer lists them (section 2.5b)."""
PAUSES = (0.5, 1.0, 2.0)
"""Seconds between attempts at one push, at most."""


class Push(Protocol):
    """The usage API, as :class:`shared.openapi.usage_push.UsagePush` calls it."""

    def push(self, records: Sequence[UsageRecord], deadline: Deadline) -> PushAnswer:
        """Send the records in one call; ``Unavailable`` if there is no answer."""


class Stopped(Exception):
    """The marketplace does not let this seller in. Sending on would lock the seller out (section 6.6)."""

    def __init__(self, code: str) -> None:
        super().__init__("the usage API refuses this seller")
        self.code = code


class Uploader:
    """Pushes the open records of a shard; ``counts`` tells what became of them."""

    def __init__(  # noqa: PLR0917 - the parts of metering
        self,
        records: Records,
        ledger: Ledger,
        meter: Callable[[str], Meter | None],
        push: Push,
        clock: Clock,
        batch: int,
        counts: Counter[str],
    ) -> None:
        self._records, self._push, self._clock, self._batch, self._counts = records, push, clock, batch, counts
        self._verdicts = Verdicts(records, ledger, meter, clock, counts)

    def run(self, shard: int, deadline: Deadline) -> None:
        """Push what is open while time is left.

        :raises Stopped: the marketplace refuses the seller; everything stays open.
        """
        for listed in chunks(self._records.open_keys(shard), READ_AT_ONCE):
            if not deadline.left():
                return
            self._upload(listed, deadline)

    def oldest(self, shard: int) -> datetime | None:
        """End of the oldest slot of which something is still open, ``None`` if nothing is."""
        for (pk, _), _ in self._records.open_keys(shard):
            return from_key(pk.rpartition("#")[2]).end
        return None

    def _upload(self, listed: Sequence[tuple[tuple[str, str], Item]], deadline: Deadline) -> None:
        self._verdicts.listings = dict(listed)
        found = self._records.get_many(self._verdicts.listings)
        for record in found.values():
            self._verdicts.tidy(record)
        self._verdicts.unlist()
        now = self._clock.now()
        due = (found[key] for key, _ in listed if key in found and found[key].state in OPEN)
        sendable = (record for record in due if record.retry_at is None or record.retry_at <= now)
        for batch in chunks(sendable, self._batch):
            if not deadline.left():
                return
            self._send([sent for record in batch if (sent := self._attempted(record))], deadline)
            self._verdicts.unlist()

    def _attempted(self, record: Record) -> Record | None:
        """With this run's attempt on file before it is made; ``None`` if it cannot be sent, or another run sends it.

        Each run writes down its own: the verdict of a run that was overtaken is then stale, and its "duplicate", which
        is the other one's success, moves nothing.
        """
        if record.begin < self._clock.now() - LATE_LIMIT:
            self._verdicts.settle(record, TOO_LATE, Advice.DEAD)
            return None
        try:
            return self._records.replace(replace(record, attempts=record.attempts + 1, state=RecordState.SENT))
        except Stale:
            return None

    def _send(self, batch: Sequence[Record], deadline: Deadline) -> None:
        """Push a batch until each of its records has a verdict, or time or patience is over."""
        if not batch:
            return
        batch, answer = self._answered(batch, deadline)
        if answer is None:
            self._counts["left"] += len(batch)
            return
        advice = advice_for_call(answer.code, answer.status)
        if advice is Advice.STOP:
            raise Stopped(answer.code)
        if answer.refused:
            self._partly(batch, answer, deadline)
        elif advice is Advice.DELIVERED and answer.code != PARTLY:
            for record in batch:
                self._verdicts.settle(record, None, Advice.DELIVERED)
        elif len(batch) == 1:
            self._verdicts.settle(batch[0], answer.code, advice_for_record(answer.code))
        else:
            self._in_parts(batch, advice, deadline)

    def _answered(self, batch: Sequence[Record], deadline: Deadline) -> tuple[Sequence[Record], PushAnswer | None]:
        """The answer to a push, asked again while it is "later" (``None``: next run); the batch with its attempts."""
        back_off = BackOff(self._clock, PAUSES)
        while True:
            try:
                answer = self._push.push([_sent(record) for record in batch], deadline)
            except Unavailable:
                answer = None
            self._counts["calls"] += 1
            if answer and answer.repeated:
                batch = _again(batch)
            if answer and advice_for_call(answer.code, answer.status) is not Advice.RETRY:
                return batch, answer
            batch = _again(batch)
            if not back_off.wait(deadline):
                return batch, None

    def _partly(self, batch: Sequence[Record], answer: PushAnswer, deadline: Deadline) -> None:
        """The listed records are refused. The others are sent once more: what was taken is then a duplicate."""
        rest = []
        for record in batch:
            code = answer.refused.get(record.metering_sn) or answer.refused.get(_window_name(record))
            if code:
                self._verdicts.settle(record, code, advice_for_record(code))
            else:
                rest.append(record)
        if len(rest) < len(batch):
            self._send(_again(rest), deadline)
        else:
            log.alarm("the usage API refuses records that were not sent", code=answer.code, count=len(answer.refused))
            self._counts["left"] += len(rest)

    def _in_parts(self, batch: Sequence[Record], advice: Advice, deadline: Deadline) -> None:
        size = (len(batch) + 1) // 2
        if advice is Advice.SMALLER:
            size = min(SMALL_BATCH, size)
            self._batch = size
        for part in chunks(_again(batch), size):
            self._send(part, deadline)


def _sent(record: Record) -> UsageRecord:
    return UsageRecord(
        instance_id=record.instance_id,
        begin_time=f"{record.begin:{TIME}}",
        end_time=f"{record.end:{TIME}}",
        record_time=f"{record.sealed_at:{TIME}}",
        usage_value=record.value,
        metering_sn=record.metering_sn,
        relate_pkg_instance=record.package,
        product_id=record.product_id,
    )


def _again(batch: Sequence[Record]) -> list[Record]:
    return [replace(record, attempts=record.attempts + 1) for record in batch]


def _window_name(record: Record) -> str:
    return f"{record.instance_id}/{record.begin:{TIME}}/{record.end:{TIME}}"
