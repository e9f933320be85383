"""A chart of usage: slots of time with what was used and what became of it, and what the browser draws of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from emulator.clock import BEIJING
from emulator.console.usage.used import HOUR, hour_of
from emulator.openapi.usage.hours import Hour

LONGEST_BACK = 200
"""Windows."""
KINDS = ("used", "billed", "pending", "refused")
"""What bars show: the first beside the others, which stand on each other."""


@dataclass(frozen=True, slots=True)
class ChartSlot:
    """An hour, or a day in Beijing, that begins at ``begin``, UTC. ``pending``: accepted, not billed yet."""

    begin: datetime
    used: Decimal = Decimal(0)
    billed: Decimal = Decimal(0)
    accepted: Decimal = Decimal(0)
    refused: Decimal = Decimal(0)

    @property
    def pending(self) -> Decimal:
        return self.accepted - self.billed

    @property
    def empty(self) -> bool:
        return not (self.used or self.accepted or self.refused)


class Span(NamedTuple):
    """``slots`` of ``length``; one of so many is labelled: one of ``steps``, as there is room."""

    name: str
    length: timedelta
    slots: int
    steps: Sequence[int]


SPANS = {
    each.name: each
    for each in (
        Span("hour", HOUR, 48, (1, 2, 3, 6, 12, 24)),
        Span("day", timedelta(days=1), 31, (1, 2, 5, 10, 15)),
    )
}


def window(span: Span, now: datetime, back: int) -> tuple[datetime, datetime]:
    """The first slot and the last hour up to the slot of ``now``, or so many windows ``back``."""
    begin = hour_of(now)
    if span.name == "day":
        begin -= begin.astimezone(BEIJING).hour * HOUR
    first = begin - (span.slots * (min(back, LONGEST_BACK) + 1) - 1) * span.length
    return first, first + span.slots * span.length - HOUR


def slots(first: datetime, span: Span, hours: Iterable[Hour], used: Mapping[datetime, Decimal]) -> Sequence[ChartSlot]:
    """Those from ``first`` on, empty ones too."""
    length = span.length
    found = {first + index * length: ChartSlot(first + index * length) for index in range(span.slots)}

    def begin(hour: datetime) -> datetime:
        return first + (hour - first) // length * length

    for each in hours:
        if slot := found.get(begin(each.hour)):
            found[slot.begin] = replace(
                slot,
                billed=slot.billed + each.billed,
                accepted=slot.accepted + each.accepted,
                refused=slot.refused + each.refused,
            )
    for hour, value in used.items():
        if slot := found.get(begin(hour)):
            found[slot.begin] = replace(slot, used=slot.used + value)
    return list(found.values())
