"""An instance's usage by time, like the day and month of Beijing: used, accepted, billed, refused, why they differ."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from emulator.openapi.usage.hours import Hour
from shared.clock import BEIJING

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class UsedTime:
    """It begins at ``begin``. ``used`` is ``None`` where nobody within reach knows it; ``waiting``: of it in no record
    yet.
    """

    begin: datetime
    used: Decimal | None = ZERO
    accepted: Decimal = ZERO
    billed: Decimal = ZERO
    refused: Decimal = ZERO
    waiting: Decimal = ZERO
    codes: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.used or self.accepted or self.refused)

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
        if self.empty:
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


def days(hours: Iterable[Hour], known: KnownUse) -> Sequence[UsedTime]:
    """Those of Beijing on which anything happened, in order."""
    return list(used_times(hours, known, beijing_day))


def months(shown: Iterable[UsedTime]) -> Sequence[UsedTime]:
    """The same by month, each under its first day."""
    return [summed(first, list(group)) for first, group in groupby(shown, key=lambda each: each.begin.replace(day=1))]


def beijing_day(moment: datetime) -> datetime:
    """The beginning of its day in Beijing."""
    return moment.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)


def used_times(hours: Iterable[Hour], known: KnownUse, begin_of: Callable[[datetime], datetime]) -> Iterator[UsedTime]:
    """Those in which anything happened, in order; ``begin_of``: of the time in which a moment is."""
    accounted = {each.hour: of_hour(each) for each in hours}
    codes = defaultdict[datetime, set[str]](set)
    for moment, code in known.codes.items():
        codes[begin_of(moment)].add(code)
    moments = sorted({*accounted, *(known.used or {}), *known.waiting})
    for begin, group in groupby(moments, key=begin_of):
        each = [_known(accounted.get(hour) or UsedTime(hour), known) for hour in group]
        yield replace(summed(begin, each), codes=tuple(sorted(codes[begin])))


def of_hour(hour: Hour) -> UsedTime:
    """As the marketplace alone knows it."""
    return UsedTime(hour.hour, None, hour.accepted, hour.billed, hour.refused)


def _known(hour: UsedTime, known: KnownUse) -> UsedTime:
    used = None if known.used is None else known.used.get(hour.begin, ZERO)
    return replace(hour, used=used, waiting=known.waiting.get(hour.begin, ZERO))


def summed(begin: datetime, each: Sequence[UsedTime]) -> UsedTime:
    """All of them, as a time that begins at ``begin``."""
    used = [one.used for one in each if one.used is not None]
    return UsedTime(
        begin,
        sum(used, ZERO) if len(used) == len(each) else None,
        sum((one.accepted for one in each), ZERO),
        sum((one.billed for one in each), ZERO),
        sum((one.refused for one in each), ZERO),
        sum((one.waiting for one in each), ZERO),
        tuple(sorted({code for one in each for code in one.codes})),
    )
