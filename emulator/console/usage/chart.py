"""A chart of usage: slots of time with what was used and what became of it, and what the browser draws of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from emulator.console.usage.days import KnownUse, UsedTime, used_times
from emulator.console.usage.used import HOUR, hour_of
from emulator.openapi.usage.hours import Hour
from shared.clock import BEIJING

LONGEST_BACK = 200
"""Windows."""
KINDS = ("used", "billed", "pending", "refused")
"""What bars show: the first beside the others, which stand on each other."""


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


def slots(first: datetime, span: Span, hours: Iterable[Hour], used: Mapping[datetime, Decimal]) -> Sequence[UsedTime]:
    """Those from ``first`` on, empty ones too."""

    def begin_of(hour: datetime) -> datetime:
        return first + (hour - first) // span.length * span.length

    found = {each.begin: each for each in used_times(hours, KnownUse(used, {}, {}), begin_of)}
    begins = (first + number * span.length for number in range(span.slots))
    return [found.get(begin) or UsedTime(begin) for begin in begins]
