"""Sealing what is due, page by page: every marked slot that is over becomes records; the seller hears when packages are
used up.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from shared import log
from shared.clock import Clock
from shared.errors import ProvisioningError, Unavailable
from shared.metering.events import Mark, UsageEvents
from shared.metering.ledger import Ledger
from shared.metering.meter import Meter, Wanted
from shared.metering.packages import used_up
from shared.metering.recent import Recent
from shared.metering.records import Record
from shared.metering.slots import SETTLING, Slot
from shared.usage_limits import LATE_LIMIT

FIRST_PAGE, LARGEST_PAGE = 25, 400
"""Marks in a page: the first ones are few, because nobody knows how slow the store is."""
QUICK = 2.0
"""Seconds in which a page is done if the next may have twice as many."""


@dataclass
class Sealed:
    """Records that wait for a push, and the marks that may go once these are stored."""

    records: list[Record] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


class Sealer:
    """Seals the marked slots of a shard.

    ``meters`` gives the meters of instances that have one, ``with_packages`` adds an instance's packages, ``stop``
    tells the seller that these hold nothing more.
    """

    def __init__(  # noqa: PLR0917 - the parts of metering
        self,
        events: UsageEvents,
        ledger: Ledger,
        meters: Callable[[Collection[str]], Mapping[str, Meter]],
        with_packages: Callable[[Meter], Meter],
        clock: Clock,
        stop: Callable[[Meter], None],
        counts: Counter[str],
    ) -> None:
        self._events, self._ledger, self._clock, self._counts = events, ledger, clock, counts
        self._meters, self._with_packages, self._stop = meters, with_packages, stop
        self._sealed = Recent()
        self.unseen: datetime | None = None

    def pages(self, shard: int, go_on: Callable[[], bool]) -> Iterator[Sealed]:
        """Seal what is over while ``go_on``; ``unseen`` is then the end of the oldest slot at which time ran out.

        What fails for one instance, say because its seller's side does not answer, is logged, stays marked, and does
        not keep the others waiting.
        """
        marks, size = self._events.marks(shard), FIRST_PAGE
        while page := list(islice(marks, size)):
            if not go_on():
                self.unseen = min(mark.slot.end for mark in page)
                return
            began = self._clock.monotonic()
            yield self._page(page)
            if self._clock.monotonic() - began < QUICK:
                size = min(2 * size, LARGEST_PAGE)

    def _page(self, page: list[Mark]) -> Sealed:
        """Seal the slots of a page. A slot may be marked every few minutes; sealing it once a run is enough, since what
        a settled mark is about was stored before the run began. One that is forgotten is looked at again, and found to
        be done.
        """
        sealed = {mark.place for mark in page if _text(mark.place) in self._sealed}
        unsealed = [mark for mark in page if mark.place not in sealed]
        wanted = {each.key: each for each in self._wanted(unsealed)}
        records, unsure = self._seal(list(wanted.values()))
        self._counts["sealed"] += len(records)
        done = [key for key, each in wanted.items() if key not in unsure and not self._is_wanting(each)]
        self._sealed.note(map(_text, done))
        sealed.update(done)
        return Sealed(records, [mark for mark in page if mark.settled and mark.place in sealed])

    def _wanted(self, page: list[Mark]) -> Iterator[Wanted]:
        known: dict[str, Meter | None] = {}
        meters = self._meters({mark.instance_id for mark in page})
        for mark in page:
            meter = meters.get(mark.instance_id)
            if meter is None or not self._is_over(meter, mark):
                continue
            if mark.instance_id not in known:
                known[mark.instance_id] = self._known(meter)
            if meter := known[mark.instance_id]:
                yield Wanted(meter, mark.slot)

    def _known(self, meter: Meter) -> Meter | None:
        """The meter with its packages; ``None`` if the seller's side does not tell."""
        try:
            return self._with_packages(meter)
        except ProvisioningError as error:
            log.alarm("usage of an instance was not sealed", instance_id=meter.instance_id, reason=str(error))
        except Exception as error:  # noqa: BLE001 - one instance must not stop the others
            log.failure("usage of an instance was not sealed", error, instance_id=meter.instance_id)
        return None

    def _is_over(self, meter: Meter, mark: Mark) -> bool:
        """A release or a freeze ends a slot early: nothing is used after it."""
        end = min(mark.slot.end, meter.stopped_at) if meter.stopped_at else mark.slot.end
        return self._clock.now() >= end + SETTLING

    def _seal(self, wanted: list[Wanted]) -> tuple[list[Record], set[tuple[str, Slot]]]:
        """All together; if something is wrong with one of them, one by one."""
        try:
            return self._ledger.seal(wanted)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - one instance must not stop the others
            if len(wanted) == 1:
                log.failure("usage of an instance was not sealed", error, instance_id=wanted[0].meter.instance_id)
                return [], {wanted[0].key}
        parts = [self._seal([each]) for each in wanted]
        return [record for records, _ in parts for record in records], {key for _, keys in parts for key in keys}

    def _is_wanting(self, wanted: Wanted) -> bool:
        """Is there usage that no package holds? It waits for another package as long as it can be billed."""
        meter, slot = wanted.meter, wanted.slot
        if not used_up(meter.packages, self._ledger.account(meter.instance_id).total if meter.packages else {}):
            return False
        try:
            self._stop(meter)
        except Exception as error:  # noqa: BLE001 - as above
            log.failure("usage of an instance was not sealed", error, instance_id=meter.instance_id)
            return True
        if not self._ledger.waiting(meter, slot):
            return False
        if slot.begin > self._clock.now() - LATE_LIMIT:
            return True
        log.alarm("usage cannot be billed", instance_id=meter.instance_id, code="no package")
        return False


def _text(place: tuple[str, Slot]) -> str:
    instance_id, slot = place
    return f"{slot.key}#{instance_id}"
