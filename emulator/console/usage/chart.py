"""A chart of usage as numbers: slots of time, and where their bars stand; the template draws them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from emulator.console.usage.used import hour_of
from emulator.openapi.usage.hours import Hour

WIDTH, HEIGHT = 1200.0, 240.0
LEFT, TOP, BOTTOM = 72.0, 10.0, 46.0
TICKS = 4
LONGEST_BACK = 200
"""Windows."""
_PART = 0.36
"""Of a slot's width: the bar of what was used, and the bar of what became of it."""


@dataclass(frozen=True, slots=True)
class ChartSlot:
    """An hour or a day that begins at ``begin``, UTC. ``pending``: accepted, not billed yet."""

    begin: datetime
    used: Decimal = Decimal(0)
    billed: Decimal = Decimal(0)
    accepted: Decimal = Decimal(0)
    refused: Decimal = Decimal(0)

    @property
    def pending(self) -> Decimal:
        return self.accepted - self.billed

    @property
    def highest(self) -> Decimal:
        """The taller of its bars."""
        return max(self.used, self.accepted + self.refused)


class Bar(NamedTuple):
    """A rectangle; ``kind`` is the name of what it shows."""

    kind: str
    x: float
    y: float
    width: float
    height: float


class Column(NamedTuple):
    """A slot as it is drawn: ``x`` is its left edge; ``labelled``: its time stands below."""

    slot: ChartSlot
    x: float
    width: float
    bars: Sequence[Bar]
    labelled: bool


class Tick(NamedTuple):
    value: Decimal
    y: float


class Chart(NamedTuple):
    columns: Sequence[Column]
    ticks: Sequence[Tick]


class Span(NamedTuple):
    """``slots`` of ``length``; one of so many is ``labelled``."""

    name: str
    length: timedelta
    slots: int
    labelled: int


SPANS = {each.name: each for each in (Span("hour", timedelta(hours=1), 48, 6), Span("day", timedelta(days=1), 31, 5))}


def window(span: Span, now: datetime, back: int) -> tuple[datetime, datetime]:
    """The first slot and the last hour up to the slot of ``now``, or so many windows ``back``. Days: of UTC."""
    begin = hour_of(now) if span.name == "hour" else hour_of(now).replace(hour=0)
    first = begin - (span.slots * (min(back, LONGEST_BACK) + 1) - 1) * span.length
    return first, first + span.slots * span.length - timedelta(hours=1)


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


def chart(shown: Sequence[ChartSlot], every: int) -> Chart:
    """Where the bars of ``shown`` stand; one of so many slots is labelled."""
    top = nice(max((slot.highest for slot in shown), default=Decimal(0)))
    width = (WIDTH - LEFT) / max(len(shown), 1)
    columns = [
        Column(slot, x := LEFT + index * width, width, list(_bars(slot, x, width, top)), index % every == every // 2)
        for index, slot in enumerate(shown)
    ]
    return Chart(columns, [Tick(value, _y(value, top)) for value in (top * n / TICKS for n in range(TICKS + 1))])


def nice(largest: Decimal) -> Decimal:
    """A round number that is not smaller, and 1 at least for nothing."""
    if largest <= 0:
        return Decimal(1)
    unit = Decimal(10) ** largest.adjusted()
    return next(unit * factor for factor in (1, 2, 4, 5, 8, 10) if unit * factor >= largest)


def _bars(slot: ChartSlot, x: float, width: float, top: Decimal) -> Iterator[Bar]:
    part, gap = width * _PART, width * (1 - 2 * _PART) / 3
    left, right = _Place(x + gap, part, top), _Place(x + gap * 2 + part, part, top)
    if slot.used:
        yield left.bar("used", Decimal(0), slot.used)
    base = Decimal(0)
    for kind in ("billed", "pending", "refused"):
        amount: Decimal = getattr(slot, kind)
        if amount:
            yield right.bar(kind, base, amount)
        base += amount


class _Place(NamedTuple):
    x: float
    width: float
    top: Decimal

    def bar(self, kind: str, base: Decimal, amount: Decimal) -> Bar:
        low, high = _y(base, self.top), _y(base + amount, self.top)
        return Bar(kind, round(self.x, 2), high, round(self.width, 2), round(low - high, 2))


def _y(value: Decimal, top: Decimal) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - float(value / top)), 2)
