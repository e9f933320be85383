"""Uploading: closed slots are sealed, open records are pushed in batches, and every record gets its own verdict.

What the marketplace says about a record moves it through the states of :mod:`shared.metering.records`; nothing else
does. A call that fails leaves its records open for the next run. A batch refused as a whole is cut in halves until the
record at fault stands alone. Only for a record that was sent before does "duplicate" mean delivered.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import Protocol, TypeVar

from shared import log
from shared.clock import Clock, Deadline
from shared.errors import Unavailable
from shared.metering.events import UsageEvents
from shared.metering.ledger import MARGIN, Ledger, Meter
from shared.metering.packages import used_up
from shared.metering.records import OPEN, Record, Records, State
from shared.metering.slots import LATE_LIMIT, SETTLING, Slot, from_key, window
from shared.openapi.usage_codes import Advice, advice_for_call, advice_for_record
from shared.openapi.usage_push import TIME, PushAnswer, UsageRecord
from shared.store.table import Item, Stale

T = TypeVar("T")
READ_AT_ONCE = 100
SMALL_BATCH = 100
MOST_REPAIRS = 5
PATIENCE = timedelta(hours=24)
"""How long an instance that the marketplace does not know is waited for: it may be newer there than here."""
HELD_FOR = timedelta(minutes=10)
STATES = {Advice.DELIVERED: State.ACCEPTED, Advice.REPAIR: State.REPLACED, Advice.DEAD: State.DEAD}
RETRIES = 4
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 8.0
PARTLY = "94060999"
"""HTTP 200, yet records were refused; the answer lists them (section 2.5b)."""


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
    """One run over one shard; ``counts`` tells what became of the records."""

    def __init__(  # noqa: PLR0917 - the parts of metering
        self,
        events: UsageEvents,
        ledger: Ledger,
        records: Records,
        meter: Callable[[str], Meter | None],
        push: Push,
        clock: Clock,
        batch: int,
        stop: Callable[[Meter], None],
    ) -> None:
        self._events, self._ledger, self._records = events, ledger, records
        self._meter, self._push, self._clock = meter, push, clock
        self._batch = batch
        self._stop = stop
        self._listings: dict[tuple[str, str], Item] = {}
        self.counts: Counter[str] = Counter()

    def run(self, shard: int, deadline: Deadline) -> None:
        """Seal what is closed, then push what is open, while time is left.

        :raises Stopped: the marketplace refuses the seller; everything stays open.
        """
        self._seal(shard, deadline)
        for listed in _chunks(self._records.open_keys(shard), READ_AT_ONCE):
            if not deadline.left():
                return
            self._upload(listed, deadline)

    def _seal(self, shard: int, deadline: Deadline) -> None:
        for mark in self._events.marks(shard):
            if not deadline.left():
                return
            meter = self._meter(mark.instance_id)
            if meter is None:
                continue
            over = min(mark.slot.end, meter.stopped_at) if meter.stopped_at else mark.slot.end
            if self._clock.now() < over + SETTLING:
                continue
            for record in self._ledger.seal(meter, mark.slot):
                self._count(record)
            if not (meter.packages and self._wanting(meter, mark.slot)):
                self._events.unmark(mark)

    def _wanting(self, meter: Meter, slot: Slot) -> bool:
        """Do an instance's packages hold nothing more? The seller is told; what is over waits for another package."""
        if not used_up(meter.packages, self._ledger.account(meter.instance_id).total):
            return False
        self._stop(meter)
        if not self._ledger.waiting(meter, slot):
            return False
        if slot.begin > self._clock.now() - LATE_LIMIT:
            return True
        log.alarm("usage cannot be billed", instance_id=meter.instance_id, code="no package")
        return False

    def _count(self, record: Record) -> None:
        self.counts["sealed"] += 1
        if record.state is State.DEAD:
            self._dead(record)

    def _upload(self, listed: Sequence[tuple[tuple[str, str], Item]], deadline: Deadline) -> None:
        self._listings = dict(listed)
        found = self._records.get_many(self._listings)
        for record in found.values():
            if record.state is State.REPLACED:
                self._take_over(record)
            elif record.state not in OPEN:
                self._unlist(record)
        now = self._clock.now()
        due = (found[key] for key, _ in listed if key in found and found[key].state in OPEN)
        sendable = (record for record in due if record.retry_at is None or record.retry_at <= now)
        for batch in _chunks(sendable, self._batch):
            self._send([sent for record in batch if (sent := self._attempted(record))], deadline)

    def _attempted(self, record: Record) -> Record | None:
        """With an attempt on file before the first one is made; ``None`` if it can be sent no more, or by another
        run.
        """
        if record.begin < self._clock.now() - LATE_LIMIT:
            self._settle(record, "too late", Advice.DEAD)
            return None
        if record.attempts:
            return replace(record, attempts=record.attempts + 1)
        try:
            return self._records.replace(replace(record, attempts=1, state=State.SENT))
        except Stale:
            return None

    def _send(self, batch: Sequence[Record], deadline: Deadline) -> None:
        """Push a batch until each of its records has a verdict, or time or patience is over."""
        if not batch:
            return
        batch, answer = self._answered(batch, deadline)
        if answer is None:
            self.counts["left"] += len(batch)
            return
        advice = advice_for_call(answer.code, answer.status)
        if advice is Advice.STOP:
            raise Stopped(answer.code)
        if answer.refused:
            self._partly(batch, answer, deadline)
        elif advice is Advice.DELIVERED and answer.code != PARTLY:
            for record in batch:
                self._settle(record, None, Advice.DELIVERED)
        elif len(batch) == 1:
            self._settle(batch[0], answer.code, advice_for_record(answer.code))
        else:
            self._in_parts(batch, advice, deadline)

    def _answered(self, batch: Sequence[Record], deadline: Deadline) -> tuple[Sequence[Record], PushAnswer | None]:
        """The answer to a push, asked again while it is "later"; the batch with its attempts. ``None``: left for
        later.
        """
        pause = FIRST_PAUSE
        for _ in range(RETRIES):
            try:
                answer = self._push.push([self._sent(record) for record in batch], deadline)
            except Unavailable:
                answer = None
            self.counts["calls"] += 1
            if answer and advice_for_call(answer.code, answer.status) is not Advice.RETRY:
                return batch, answer
            batch = _again(batch)
            rest = pause * random.uniform(0.5, 1)  # noqa: S311 - spreads load
            if deadline.left() <= rest:
                break
            self._clock.sleep(rest)
            pause = min(LONGEST_PAUSE, pause * 2)
        return batch, None

    def _sent(self, record: Record) -> UsageRecord:
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

    def _partly(self, batch: Sequence[Record], answer: PushAnswer, deadline: Deadline) -> None:
        """The listed records are refused. The others are sent once more: what was taken is then a duplicate."""
        rest = []
        for record in batch:
            code = answer.refused.get(record.metering_sn) or answer.refused.get(_window_name(record))
            if code:
                self._settle(record, code, advice_for_record(code))
            else:
                rest.append(record)
        if len(rest) < len(batch):
            self._send(_again(rest), deadline)
        else:
            log.alarm("the usage API refuses records that were not sent", code=answer.code, count=len(answer.refused))
            self.counts["left"] += len(rest)

    def _in_parts(self, batch: Sequence[Record], advice: Advice, deadline: Deadline) -> None:
        size = (len(batch) + 1) // 2
        if advice is Advice.SMALLER:
            size = min(SMALL_BATCH, size)
            self._batch = size
        for part in _chunks(iter(_again(batch)), size):
            self._send(part, deadline)

    def _settle(self, record: Record, code: str | None, advice: Advice) -> None:
        now = self._clock.now()
        if advice is Advice.DUPLICATE:
            # Ours if it was sent before; else somebody used this window, and the amount needs another one.
            advice = Advice.DELIVERED if record.attempts > 1 else Advice.REPAIR
        if advice is Advice.REPAIR and record.repair >= MOST_REPAIRS:
            advice = Advice.DEAD
        if advice is Advice.HOLD and now - record.sealed_at > PATIENCE:
            advice = Advice.DEAD
        state = STATES.get(advice, State.HELD)
        retry_at = now + HELD_FOR if state is State.HELD else None
        try:
            settled = self._records.replace(replace(record, state=state, code=code, retry_at=retry_at))
        except Stale:
            return  # another run has its verdict already
        self.counts[state.value.lower()] += 1
        if state is State.REPLACED:
            self._take_over(settled)
        elif state is State.DEAD:
            self._dead(settled)
        if state is State.HELD:
            log.event("a billing record is held", instance_id=record.instance_id, code=code)
        else:
            self._unlist(settled)

    def _take_over(self, record: Record) -> None:
        """Give the amount of a replaced record to a new one, with a window that was not used yet."""
        meter = self._meter(record.instance_id)
        found = meter and window(
            from_key(record.slot),
            record.number,
            record.repair + 1,
            started_at=meter.started_at,
            closed_at=meter.closed_at,
            earliest=self._clock.now() - LATE_LIMIT + MARGIN,
        )
        successor = self._records.create(record.repaired(found or None, self._clock.now()))
        if successor.state is State.DEAD:
            self._dead(successor)
        self._unlist(record)

    def _dead(self, record: Record) -> None:
        log.alarm("usage cannot be billed", instance_id=record.instance_id, code=record.code)

    def _unlist(self, record: Record) -> None:
        if listing := self._listings.get(record.key):
            self._records.unlist(listing)


def _again(batch: Sequence[Record]) -> list[Record]:
    """For one more attempt."""
    return [replace(record, attempts=record.attempts + 1) for record in batch]


def _window_name(record: Record) -> str:
    return f"{record.instance_id}/{record.begin:{TIME}}/{record.end:{TIME}}"


def _chunks(values: Iterator[T], size: int) -> Iterator[list[T]]:
    while chunk := list(islice(values, size)):
        yield chunk
