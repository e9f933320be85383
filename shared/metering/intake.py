"""Intake: events of the seller's application, checked and stored. Doing it again is harmless.

An event is known by its instance, its slot (the hour or day its time lies in) and its id; so a repeat must carry the
time it had. The same value again is a duplicate and changes nothing; another value is a conflict, and the first one
stays. A duplicate's slot is marked again all the same: the call that stored it may have died before it could answer.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from shared import log
from shared.errors import InvalidParameter
from shared.metering.event_rules import LONGEST_ID, EventRefused, Reason, place, read_event
from shared.metering.events import Stored, UsageEvent
from shared.metering.meter import Meter
from shared.metering.meters import meter_of

if TYPE_CHECKING:
    from shared.app import App
    from shared.instance.terms import Terms

T = TypeVar("T")
U = TypeVar("U")
Stock: TypeAlias = Mapping[tuple[str, str], tuple[Decimal, str | None]]
"""Value and package by key."""

MOST = 1000
"""Events in one call."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """An event that was not taken in: its place in the call (from 0), its id if it has one, and why."""

    index: int
    event_id: str | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of the events of one call. Only ``accepted`` ones are new."""

    accepted: int
    duplicates: int
    rejected: Sequence[Rejection]

    def members(self) -> dict[str, Any]:
        """As JSON members."""
        rejected = [{"id": each.event_id, "reason": each.reason.value} for each in self.rejected]
        return {"accepted": self.accepted, "duplicates": self.duplicates, "rejected": rejected}

    def tell(self) -> None:
        counts = {"accepted": self.accepted, "duplicates": self.duplicates, "rejected": len(self.rejected)}
        log.event("usage taken in", **counts)


def take_in(app: "App", events: Sequence[Any], *, store: bool = True) -> Intake:
    """Check ``events`` (JSON members each) and store the new ones; without ``store`` only say what would happen.

    What comes too late to be billed is alarmed: it is lost unless the seller bills it by other means.

    :raises InvalidParameter: more than ``MOST`` events.
    :raises shared.errors.Unavailable: the store failed. Some events may be stored; send all of them again.
    """
    if len(events) > MOST:
        raise InvalidParameter(f"send at most {MOST} events in one call")
    rejected: dict[int, Reason] = {}
    read = _passing(enumerate(events), read_event, rejected)
    terms = app.instances.terms_of({event.instance_id for _, event in read})
    now, daily = app.clock.now(), app.settings.daily_products
    meters = {each: meter_of(sold, daily) for each, sold in terms.items()}

    def placed(event: UsageEvent) -> Stored:
        return place(event, _meter(terms.get(event.instance_id), meters), now)

    sorted_out = _SortedOut()
    in_slots = _passing(read, placed, rejected)
    sorted_out.sort(in_slots, app.usage_events.find([each.key for _, each in in_slots]), rejected)
    if store:
        _store(app, sorted_out)
        if late := sum(reason is Reason.TOO_LATE for reason in rejected.values()):
            log.alarm("usage came too late to be billed", count=late)
    rejections = [Rejection(index, _id(events[index]), reason) for index, reason in sorted(rejected.items())]
    return Intake(len(sorted_out.fresh), sorted_out.duplicates, rejections)


@dataclass
class _SortedOut:
    """Events to store, and events that are stored already."""

    fresh: list[Stored] = field(default_factory=list)
    stored: list[Stored] = field(default_factory=list)
    duplicates: int = 0

    def sort(self, placed: Iterable[tuple[int, Stored]], found: Stock, rejected: dict[int, Reason]) -> None:
        """The first event with a key counts; what is in the store was there before any of the call."""
        known = dict(found)
        for index, each in placed:
            content = each.event.value, each.event.package
            if each.key not in known:
                known[each.key] = content
                self.fresh.append(each)
                continue
            if each.key in found:
                self.stored.append(each)
            if known[each.key] == content:
                self.duplicates += 1
            else:
                rejected[index] = Reason.CONFLICT


def _store(app: "App", sorted_out: _SortedOut) -> None:
    if sorted_out.stored:
        app.usage_events.mark((each.event.instance_id, each.slot) for each in sorted_out.stored)
    if sorted_out.fresh:
        app.usage_events.add(sorted_out.fresh)


def _meter(terms: "Terms | None", meters: Mapping[str, Meter | None]) -> Meter:
    if terms is None:
        raise EventRefused(Reason.UNKNOWN_INSTANCE)
    if terms.started_at is None:
        raise EventRefused(Reason.NOT_STARTED)
    if (meter := meters[terms.instance_id]) is None:
        raise EventRefused(Reason.NOT_METERED)
    return meter


def _passing(
    values: Iterable[tuple[int, T]], rule: Callable[[T], U], rejected: dict[int, Reason]
) -> list[tuple[int, U]]:
    """What ``rule`` makes of the values it lets pass; why not, of the others, goes to ``rejected``."""
    passed = []
    for index, value in values:
        try:
            passed.append((index, rule(value)))
        except EventRefused as refused:
            rejected[index] = refused.reason
    return passed


def _id(event: Any) -> str | None:
    event_id = event.get("id") if isinstance(event, Mapping) else None
    return event_id[:LONGEST_ID] if isinstance(event_id, str) else None
