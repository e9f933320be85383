"""Reconciliation, pure: what was taken in, what was billed, and what a bill of the marketplace says, by instance and
day.

A day is a UTC day; a slot belongs to the day it begins in, so a daily product's Beijing day to the UTC day in which it
begins at 16:00.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from shared.metering.records import OPEN, Record, RecordState
from shared.metering.slots import Slot

ZERO = Decimal(0)
LATE = timedelta(minutes=1)
"""A record is for late events if it was sealed later than this after the first one of its slot."""


@dataclass(frozen=True, slots=True)
class SlotUse:
    """What is stored about a slot of an instance: the sum of its events, and its records."""

    slot: Slot
    ingested: Decimal
    records: Sequence[Record]


@dataclass(frozen=True, slots=True)
class Day:
    """Usage of an instance on a day.

    ``ingested``: sum of events. ``billed``: sum of the records made of them, of which so much is ``accepted`` by the
    marketplace and so much ``refused`` for good, by code. ``late``: in records for events that came after their slot
    was first sealed. ``pending``: not accepted and not refused yet; ``pending_since``: when the oldest of it became
    due. ``excess``: billed although no event says so any more. ``bill``: what the marketplace's bill says.
    """

    instance_id: str
    day: date
    ingested: Decimal = ZERO
    billed: Decimal = ZERO
    accepted: Decimal = ZERO
    refused: Mapping[str, Decimal] = field(default_factory=dict)
    late: Decimal = ZERO
    pending: Decimal = ZERO
    pending_since: datetime | None = None
    excess: Decimal = ZERO
    bill: Decimal | None = None

    @property
    def drift(self) -> Decimal | None:
        """The bill less what was accepted; ``None`` without a bill."""
        return None if self.bill is None else self.bill - self.accepted

    @property
    def drifts(self) -> bool:
        """Must someone look at it?"""
        return bool(self.drift) or self.excess > 0

    @property
    def empty(self) -> bool:
        """Is there nothing to tell?"""
        return not (self.ingested or self.billed or self.excess or self.bill)

    def members(self, now: datetime) -> dict[str, Any]:
        """As JSON members, amounts as text."""
        since = self.pending_since
        return {
            "instanceId": self.instance_id,
            "day": self.day.isoformat(),
            "ingested": plain(self.ingested),
            "billed": plain(self.billed),
            "accepted": plain(self.accepted),
            "refused": {code: plain(value) for code, value in sorted(self.refused.items())},
            "late": plain(self.late),
            "pending": plain(self.pending),
            "oldestPendingSeconds": None if since is None else max(0, int((now - since).total_seconds())),
            "excess": plain(self.excess),
            "bill": None if self.bill is None else plain(self.bill),
            "drift": None if self.drift is None else plain(self.drift),
        }


def day_of(instance_id: str, day: date, slots: Iterable[SlotUse], bill: Decimal | None = None) -> Day:
    """What the slots of a day add up to."""
    used = list(slots)
    live = [record for each in used for record in _live(each.records)]
    due = {each.slot.key: each.ingested - _exact(each.records) for each in used}
    waiting = [record for record in live if record.state in (*OPEN, RecordState.REPLACED)]
    refused: dict[str, Decimal] = {}
    for record in live:
        if record.state is RecordState.DEAD:
            code = record.code or "unknown"
            refused[code] = refused.get(code, ZERO) + record.value
    unsealed = sum((max(amount, ZERO) for amount in due.values()), ZERO)
    since = [each.slot.end for each in used if due[each.slot.key] > 0 or _any_of(waiting, each.slot)]
    return Day(
        instance_id=instance_id,
        day=day,
        ingested=sum((each.ingested for each in used), ZERO),
        billed=_value(live),
        accepted=_value(record for record in live if record.state is RecordState.ACCEPTED),
        refused=refused,
        late=_value(record for each in used for record in _late(each.records)),
        pending=unsealed + _value(waiting),
        pending_since=min(since, default=None),
        excess=sum((max(-amount, ZERO) for amount in due.values()), ZERO),
        bill=bill,
    )


def plain(value: Decimal) -> str:
    """``value`` without exponent and without zeros at its end."""
    return format(value.normalize(), "f") if value else "0"


def _live(records: Iterable[Record]) -> list[Record]:
    """Of a record and those that took over from it, the last one."""
    last: dict[int, Record] = {}
    for record in sorted(records, key=lambda each: each.repair):
        last[record.number] = record
    return list(last.values())


def _late(records: Sequence[Record]) -> list[Record]:
    sealed = {record.number: record.sealed_at for record in records if record.repair == 0}
    first = min(sealed.values(), default=None)
    return [record for record in _live(records) if first and sealed.get(record.number, first) - first > LATE]


def _any_of(records: Iterable[Record], slot: Slot) -> bool:
    return any(record.slot == slot.key for record in records)


def _exact(records: Iterable[Record]) -> Decimal:
    return sum((record.exact for record in records if record.repair == 0), ZERO)


def _value(records: Iterable[Record]) -> Decimal:
    return sum((record.value for record in records), ZERO)
