"""Sealing what is due: every marked slot that is over becomes records; the seller hears when packages are used up."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from shared import log
from shared.clock import Clock, Deadline
from shared.errors import ProvisioningError
from shared.metering.events import Mark, UsageEvents
from shared.metering.ledger import Ledger, Meter
from shared.metering.packages import used_up
from shared.metering.records import RecordState
from shared.metering.slots import SETTLING, Slot
from shared.metering.verdicts import report_dead
from shared.usage_limits import LATE_LIMIT

AT_ONCE = 25
"""Marks removed in one call: what DynamoDB takes."""


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

    def run(self, shard: int, deadline: Deadline) -> datetime | None:
        """Seal what is over while time is left.

        What fails for one instance, say because its seller's side does not answer, is logged, stays marked, and does
        not keep the others waiting.

        :returns: end of the slot at which time ran out, ``None`` if all were looked at.
        """
        sealed: set[tuple[str, Slot]] = set()
        done: list[Mark] = []
        unseen = None
        for mark in self._events.marks(shard):
            if not deadline.left():
                unseen = mark.slot.end
                break
            if self._is_done(mark, sealed):
                done.append(mark)
            if len(done) == AT_ONCE:
                self._events.unmark(done)
                done.clear()
        if done:
            self._events.unmark(done)
        return unseen

    def _is_done(self, mark: Mark, sealed: set[tuple[str, Slot]]) -> bool:
        """Nothing is left to do about the mark. A slot may be marked every few minutes; sealing it once a run is
        enough, since what a settled mark is about was stored before the run began.
        """
        if (mark.instance_id, mark.slot) in sealed:
            return mark.settled
        try:
            meter = self._meter(mark.instance_id)
            if not (meter and self._is_over(meter, mark) and self._seal(meter, mark)):
                return False
        except ProvisioningError as error:
            log.alarm("usage of an instance was not sealed", instance_id=mark.instance_id, reason=str(error))
            return False
        except Exception as error:  # noqa: BLE001 - one instance must not stop the others
            log.failure("usage of an instance was not sealed", error, instance_id=mark.instance_id)
            return False
        sealed.add((mark.instance_id, mark.slot))
        return mark.settled

    def _is_over(self, meter: Meter, mark: Mark) -> bool:
        """A release or a freeze ends a slot early: nothing is used after it."""
        end = min(mark.slot.end, meter.stopped_at) if meter.stopped_at else mark.slot.end
        return self._clock.now() >= end + SETTLING

    def _seal(self, meter: Meter, mark: Mark) -> bool:
        """Seal what is due; ``False`` if some usage has to wait."""
        for record in self._ledger.seal(meter, mark.slot):
            self._counts["sealed"] += 1
            if record.state is RecordState.DEAD:
                self._counts["dead"] += 1
                report_dead(record)
        return not (meter.packages and self._is_wanting(meter, mark))

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
