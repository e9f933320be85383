"""An instance's usage by the day and month of Beijing: used, accepted, billed, refused, and why they differ."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from emulator.clock import BEIJING
from emulator.openapi.usage.hours import Hour

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class UsedDay:
    """``used`` is ``None`` where nobody within reach knows it; ``waiting``: of it in no record yet."""

    day: date
    used: Decimal | None
    accepted: Decimal = ZERO
    billed: Decimal = ZERO
    refused: Decimal = ZERO
    waiting: Decimal = ZERO
    codes: Sequence[str] = field(default=())

    @property
    def difference(self) -> Decimal | None:
        """Used and not billed."""
        return None if self.used is None else self.used - self.billed

    @property
    def pending(self) -> Decimal:
        """Accepted, billed later."""
        return self.accepted - self.billed

    @property
    def unsent(self) -> Decimal | None:
        """Used and neither accepted nor refused."""
        return None if self.used is None else self.used - self.accepted - self.refused

    @property
    def verdict(self) -> str:
        """The end of a text's id ``usage.verdict.…``: what must be said first about how this adds up."""
        if not (self.used or self.accepted or self.refused):
            return "nothing"
        found = {name for name, _ in self.reasons()}
        if self.used is None or not found:
            return "unknown" if self.used is None else "agrees"
        return next((name for name in ("excess", "refused") if name in found), "on-its-way")

    def reasons(self) -> Iterator[tuple[str, Decimal]]:
        """What the difference is made of, each by the end of its text's id ``usage.days.because.…``."""
        on_its_way = ZERO if self.unsent is None else self.unsent - self.waiting
        parts = {
            "refused": self.refused,
            "uncollected": self.pending,
            "waiting": self.waiting,
            "open": max(on_its_way, ZERO),
            "excess": min(on_its_way, ZERO),
        }
        yield from ((name, value) for name, value in parts.items() if value)


class KnownUse(NamedTuple):
    """By hour: what was ``used`` (``None``: not known), what of it is ``waiting``, and ``codes`` of refusals."""

    used: Mapping[datetime, Decimal] | None
    waiting: Mapping[datetime, Decimal]
    codes: Mapping[datetime, str]


def days(hours: Iterable[Hour], known: KnownUse) -> Sequence[UsedDay]:
    """Those on which anything happened, in order."""
    by_hour = {each.hour: each for each in hours}
    moments = sorted({*by_hour, *(known.used or {}), *known.waiting})
    return [_day(day, list(group), by_hour, known) for day, group in groupby(moments, key=beijing_day)]


def months(shown: Iterable[UsedDay]) -> Sequence[UsedDay]:
    """The same by month, each under its first day."""
    return [summed(first, list(group)) for first, group in groupby(shown, key=lambda each: each.day.replace(day=1))]


def beijing_day(moment: datetime) -> date:
    return moment.astimezone(BEIJING).date()


def _day(day: date, moments: Sequence[datetime], by_hour: Mapping[datetime, Hour], known: KnownUse) -> UsedDay:
    there = [by_hour[each] for each in moments if each in by_hour]
    return UsedDay(
        day,
        None if known.used is None else sum((known.used.get(each, ZERO) for each in moments), ZERO),
        sum((each.accepted for each in there), ZERO),
        sum((each.billed for each in there), ZERO),
        sum((each.refused for each in there), ZERO),
        sum((known.waiting.get(each, ZERO) for each in moments), ZERO),
        sorted({code for moment, code in known.codes.items() if beijing_day(moment) == day}),
    )


def summed(day: date, each: Sequence[UsedDay]) -> UsedDay:
    """All of them, under ``day``."""
    used = [one.used for one in each if one.used is not None]
    return UsedDay(
        day,
        sum(used, ZERO) if len(used) == len(each) else None,
        sum((one.accepted for one in each), ZERO),
        sum((one.billed for one in each), ZERO),
        sum((one.refused for one in each), ZERO),
        sum((one.waiting for one in each), ZERO),
        sorted({code for one in each for code in one.codes}),
    )
