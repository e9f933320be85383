"""Uploading: records are pushed as they are sealed, and open ones of earlier runs; every record gets its own verdict.

Only for a record that was sent before does "duplicate" mean delivered, so each run puts its own attempt on file before
it pushes. What was pushed is written down before more is sealed than one batch, so a run that is cut short repeats
nothing but that.
"""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from shared.clock import Clock, Deadline
from shared.metering.delivery import Courier, Delivered, RecordVerdict
from shared.metering.events import UsageEvents
from shared.metering.ledger import Ledger
from shared.metering.meter import Meter
from shared.metering.record_table import Records
from shared.metering.records import OPEN, Record, RecordState
from shared.metering.room import TOO_LATE
from shared.metering.sealing import Sealed, Sealer
from shared.metering.slots import from_key
from shared.metering.verdicts import Verdicts
from shared.openapi.usage_codes import Advice
from shared.store.paging import chunks
from shared.store.table import Item
from shared.usage_limits import LATE_LIMIT

READ_AT_ONCE = 1000
_UnderWay: TypeAlias = tuple[Sealed, Future[Delivered]]


class Uploader:
    """Pushes the records of a shard; ``counts`` tells what became of them."""

    def __init__(  # noqa: PLR0917 - the parts of metering
        self,
        events: UsageEvents,
        records: Records,
        ledger: Ledger,
        meter: Callable[[str], Meter | None],
        courier: Courier,
        clock: Clock,
        counts: Counter[str],
    ) -> None:
        self._events, self._records, self._clock, self._counts = events, records, clock, counts
        self._courier = courier
        self._verdicts = Verdicts(records, ledger, meter, clock, counts)
        self._answers = self._may_be_open = True

    def run(self, shard: int, sealer: Sealer, deadline: Deadline) -> None:
        """Push what is open and what ``sealer`` seals, while time is left: what has waited longest has half of it.
        Once the marketplace refuses the seller, everything stays open.
        """
        may_be_open = self._push_open(shard, deadline.share(2, deadline.left()))
        if self._push_sealed(sealer, shard, deadline):
            may_be_open = not self._answers or self._push_open(shard, deadline)  # what was found in accounts
        self._may_be_open = may_be_open

    def oldest(self, shard: int) -> datetime | None:
        """End of the oldest slot of which something is still open after the run, ``None`` if nothing is."""
        if not self._may_be_open:
            return None
        for (pk, _), _ in self._records.open_keys(shard):
            return from_key(pk.rpartition("#")[2]).end
        return None

    def _push_sealed(self, sealer: Sealer, shard: int, deadline: Deadline) -> bool:
        """Push batch after batch, each while the next is being sealed; was there anything to seal?"""
        since = began = self._clock.monotonic()
        waiting, under_way, any_page = Sealed(), deque[_UnderWay](), False

        def go_on() -> bool:
            # What is sealed and not written down yet may take as long again.
            return not self._courier.stopped and deadline.left() > self._clock.monotonic() - since

        with ThreadPoolExecutor(1) as road:
            try:
                for page in sealer.pages(shard, go_on):
                    any_page = True
                    waiting = Sealed(waiting.records + page.records, waiting.marks + page.marks)
                    if len(waiting.records) >= self._courier.batch:
                        self._arrive(under_way)
                        under_way.append(self._sent(road, waiting, deadline))
                        waiting, since, began = Sealed(), began, self._clock.monotonic()
            except Exception:
                self._arrive(under_way)
                raise
            self._arrive(under_way)
            if waiting.records or waiting.marks:
                under_way.append(self._sent(road, waiting, deadline))
                self._arrive(under_way)
        return any_page

    def _sent(self, road: ThreadPoolExecutor, sealed: Sealed, deadline: Deadline) -> _UnderWay:
        sendable = [record for record in sealed.records if record.state is RecordState.SENT]
        return sealed, road.submit(self._courier.deliver, sendable, deadline)

    def _arrive(self, under_way: deque[_UnderWay]) -> None:
        """Write down what became of what is under way, then remove its marks."""
        while under_way:
            sealed, coming = under_way.popleft()
            delivered = coming.result()
            self._verdicts.listings = {}
            born_settled = [record for record in sealed.records if record.state is not RecordState.SENT]
            unsent = [replace(record, state=RecordState.SEALED, attempts=0) for record in delivered.unsent]
            self._left(delivered)
            unsure = self._verdicts.settle(delivered.verdicts, [*born_settled, *delivered.left, *unsent])
            self._verdicts.unlist()
            self._events.unmark(mark for mark in sealed.marks if (mark.instance_id, mark.slot.key) not in unsure)

    def _push_open(self, shard: int, deadline: Deadline) -> bool:
        """Push what is listed as open; was there anything?"""
        any_listed = False
        for listed in chunks(self._records.open_keys(shard), READ_AT_ONCE):
            any_listed = True
            if self._is_over(deadline):
                break
            self._upload(listed, deadline)
        return any_listed

    def _upload(self, listed: Sequence[tuple[tuple[str, str], Item]], deadline: Deadline) -> None:
        self._verdicts.listings = dict(listed)
        found = self._records.get_many(self._verdicts.listings)
        for record in found.values():
            self._verdicts.tidy(record)
        self._verdicts.unlist()
        now = self._clock.now()
        due = (found[key] for key, _ in listed if key in found and found[key].state in OPEN)
        sendable = (record for record in due if record.retry_at is None or record.retry_at <= now)
        for batch in chunks(sendable, self._courier.batch):
            if self._is_over(deadline):
                return
            delivered = self._courier.deliver(self._attempted(batch), deadline)
            self._left(delivered)
            self._verdicts.settle(delivered.verdicts)
            self._verdicts.unlist()

    def _attempted(self, batch: Sequence[Record]) -> list[Record]:
        """Those that can be sent, with this run's attempt on file before it is made, unless another run sends them.

        Each run writes down its own: the verdict of a run that was overtaken is then stale, and its "duplicate", which
        is the other one's success, moves nothing.
        """
        earliest = self._clock.now() - LATE_LIMIT
        self._verdicts.settle([RecordVerdict(each, TOO_LATE, Advice.DEAD) for each in batch if each.begin < earliest])
        attempts = [each.attempted() for each in batch if each.begin >= earliest]
        versions = zip(attempts, self._records.store(attempts), strict=True)
        return [replace(each, version=version) for each, version in versions if isinstance(version, int)]

    def _left(self, delivered: Delivered) -> None:
        if left := len(delivered.left) + len(delivered.unsent):
            self._counts["left"] += left
            self._answers = False

    def _is_over(self, deadline: Deadline) -> bool:
        return bool(self._courier.stopped) or not deadline.left()
