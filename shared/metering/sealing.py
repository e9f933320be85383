"""Sealing what is due: every marked slot that is over becomes records; the seller hears when packages are used up."""

from collections import Counter
from collections.abc import Callable

from shared import log
from shared.clock import Clock, Deadline
from shared.metering.events import Mark, UsageEvents
from shared.metering.ledger import Ledger, Meter
from shared.metering.packages import used_up
from shared.metering.records import State
from shared.metering.slots import LATE_LIMIT, SETTLING
from shared.metering.verdicts import report_dead


class Sealer:
    """Seals the marked slots of a shard. ``stop`` tells the seller that an instance's packages hold nothing more."""

    def __init__(  # noqa: PLR0917 - the parts of metering
        self,
        events: UsageEvents,
        ledger: Ledger,
        meter: Callable[[str], Meter | None],
        clock: Clock,
        stop: Callable[[Meter], None],
        counts: Counter[str],
    ) -> None:
        self._events, self._ledger, self._meter, self._clock = events, ledger, meter, clock
        self._stop, self._counts = stop, counts

    def run(self, shard: int, deadline: Deadline) -> None:
        """Seal what is over while time is left."""
        for mark in self._events.marks(shard):
            if not deadline.left():
                return
            meter = self._meter(mark.instance_id)
            if meter and self._is_over(meter, mark):
                self._seal(meter, mark)

    def _is_over(self, meter: Meter, mark: Mark) -> bool:
        """A release or a freeze ends a slot early: nothing is used after it."""
        end = min(mark.slot.end, meter.stopped_at) if meter.stopped_at else mark.slot.end
        return self._clock.now() >= end + SETTLING

    def _seal(self, meter: Meter, mark: Mark) -> None:
        for record in self._ledger.seal(meter, mark.slot):
            self._counts["sealed"] += 1
            if record.state is State.DEAD:
                self._counts["dead"] += 1
                report_dead(record)
        if not (meter.packages and self._is_wanting(meter, mark)):
            self._events.unmark(mark)

    def _is_wanting(self, meter: Meter, mark: Mark) -> bool:
        """Is there usage that no package holds? It waits for another package as long as it can be billed."""
        if not used_up(meter.packages, self._ledger.account(meter.instance_id).total):
            return False
        self._stop(meter)
        if not self._ledger.waiting(meter, mark.slot):
            return False
        if mark.slot.begin > self._clock.now() - LATE_LIMIT:
            return True
        log.alarm("usage cannot be billed", instance_id=meter.instance_id, code="no package")
        return False
