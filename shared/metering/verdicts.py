"""The state of a record after the marketplace's answer about it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from shared import log
from shared.clock import Clock
from shared.errors import Unavailable
from shared.metering.delivery import RecordVerdict
from shared.metering.ledger import Ledger
from shared.metering.meter import Meter
from shared.metering.record_table import Records
from shared.metering.records import OPEN, Record, RecordState
from shared.openapi.usage_codes import Advice
from shared.store.table import Item

STATES = {Advice.DELIVERED: RecordState.ACCEPTED, Advice.REPAIR: RecordState.REPLACED, Advice.DEAD: RecordState.DEAD}
MOST_REPAIRS = 5
HELD_FOR = timedelta(minutes=10)
PATIENCE = timedelta(hours=24)
"""How long an instance that the marketplace does not know is waited for: it may be newer there than here. Counted from
its first such answer, since a record may have waited for days for another reason.
"""


class Verdicts:
    """Moves records through their states; ``listings`` are the open list's entries of the records at hand."""

    def __init__(
        self,
        records: Records,
        ledger: Ledger,
        meter: Callable[[str], Meter | None],
        clock: Clock,
        counts: Counter[str],
    ) -> None:
        self._records, self._ledger, self._meter = records, ledger, meter
        self._clock, self._counts = clock, counts
        self._unlisted: list[Item] = []
        self.listings: Mapping[tuple[str, str], Item] = {}

    def settle(self, verdicts: Sequence[RecordVerdict], others: Sequence[Record] = ()) -> set[tuple[str, str]]:
        """Store what follows from verdicts, and ``others`` as they are; the (instance id, slot's key) pairs of which
        some record may not be stored.

        What is not at its end is listed before, also a replaced one, whose successor comes after.
        """
        settled = [*(self._settled(verdict) for verdict in verdicts), *others]
        unlisted = [each for each in settled if not each.version and each.state in (*OPEN, RecordState.REPLACED)]
        self.listings = {**self.listings, **self._records.list_open(unlisted)}
        unsure = set()
        for wanted, stored in zip(settled, self._records.store(settled), strict=True):
            if isinstance(stored, Unavailable):
                unsure.add((wanted.instance_id, wanted.slot))
            elif stored:  # else another run has its verdict already
                self._tell(wanted)
                self.tidy(wanted)
        return unsure

    def _settled(self, verdict: RecordVerdict) -> Record:
        record, now = verdict.record, self._clock.now()
        since = (record.code == verdict.code and record.held_since) or now
        state = STATES.get(self._weighed(record, verdict.advice, since), RecordState.HELD)
        held = {"retry_at": now + HELD_FOR, "held_since": since} if state is RecordState.HELD else {"retry_at": None}
        return replace(record, state=state, code=verdict.code, **held)

    def _tell(self, record: Record) -> None:
        if record.state in (RecordState.SEALED, RecordState.SENT, RecordState.CARRIED):
            return
        self._counts[record.state.value.lower()] += 1
        if record.state is RecordState.HELD:
            log.event("a billing record is held", instance_id=record.instance_id, code=record.code)
        if record.state is RecordState.DEAD:
            report_dead(record)

    def _weighed(self, record: Record, advice: Advice, since: datetime) -> Advice:
        if advice is Advice.DUPLICATE:
            # Ours if it was sent before; else somebody used this window, and the amount needs another one.
            advice = Advice.DELIVERED if record.attempts > 1 else Advice.REPAIR
        if advice is Advice.REPAIR and record.repair >= MOST_REPAIRS:
            return Advice.DEAD
        if advice is Advice.HOLD and self._clock.now() - since > PATIENCE:
            return Advice.DEAD
        return advice

    def tidy(self, record: Record) -> None:
        """Note that a record that is open no more may leave the open list; a replaced one gets its successor first."""
        if record.state in OPEN:
            return
        if record.state is RecordState.REPLACED:
            self._succeed(record)
        if listing := self.listings.get(record.key):
            self._unlisted.append(listing)

    def unlist(self) -> None:
        """Take what was tidied off the open list. If that fails, the next run does it."""
        if self._unlisted:
            self._records.unlist(self._unlisted)
            self._unlisted = []

    def _succeed(self, record: Record) -> None:
        """Give the amount of a replaced record to a new one, with a window that was not used yet."""
        successor = self._ledger.succeed(self._meter(record.instance_id), record)
        if successor.state is RecordState.DEAD:
            report_dead(successor)


def report_dead(record: Record) -> None:
    """Someone must look at it: this usage will not be paid for."""
    log.alarm("usage cannot be billed", instance_id=record.instance_id, code=record.code)
