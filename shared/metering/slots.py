"""Slots and windows, pure: which stretch of time an event is billed in, and which begin and end its records carry.

A slot is an hour, or for daily products a Beijing day (16:00Z to 16:00Z, metering and open APIs, section 2.4),
half-open. The marketplace processes only the first record with a given begin and end, so each record of a slot gets a
window of its own.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
DAY_BEGINS = 16
"""UTC hour at which a Beijing day begins."""
SETTLING = timedelta(minutes=2)
"""How long a slot is left alone after its end, for events that are on their way."""
LATE_LIMIT = timedelta(days=21)
"""``begin_time`` must not lie further back (section 2.4, error ``MKT.9004``)."""
_KEY = "%Y%m%dT%H"


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """``begin`` <= time < ``end``, whole UTC hours."""

    begin: datetime
    end: datetime

    @property
    def key(self) -> str:
        """Text that sorts by time and from which ``from_key`` makes the slot again: ``20261120T08H``,
        ``20261120T16D``.
        """
        return f"{self.begin:{_KEY}}{'H' if self.end - self.begin == HOUR else 'D'}"


@dataclass(frozen=True, slots=True)
class Window:
    """``begin_time`` and ``end_time`` of a record, whole seconds, begin < end."""

    begin: datetime
    end: datetime


def slot_of(moment: datetime, *, daily: bool) -> Slot:
    """The slot in which ``moment`` (aware) lies."""
    hour = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if not daily:
        return Slot(hour, hour + HOUR)
    begin = hour.replace(hour=DAY_BEGINS) - (DAY if hour.hour < DAY_BEGINS else timedelta())
    return Slot(begin, begin + DAY)


def from_key(key: str) -> Slot:
    """The slot with that key.

    :raises ValueError: there is none.
    """
    begin = datetime.strptime(key[:-1], _KEY).replace(tzinfo=UTC)
    return Slot(begin, begin + {"H": HOUR, "D": DAY}[key[-1]])


def window(
    slot: Slot, number: int, repair: int, *, started_at: datetime, closed_at: datetime | None, earliest: datetime
) -> Window | None:
    """The window of a slot's record ``number`` (0 for the first) in its ``repair``-th attempt (0 unless it was
    refused).

    The first record has the whole slot; each later one begins a second later, each repair ends a second earlier: no
    two have the same begin and end. Everything lies between the instance's start and close (section 2.4, rule 3) and
    not before ``earliest``.

    :returns: ``None`` if nothing is left of the slot.
    """
    begin = _ceiled(max(slot.begin, started_at, earliest)) + number * SECOND
    end = _floored(min(slot.end, closed_at) if closed_at else slot.end) - repair * SECOND
    return Window(begin, end) if begin < end else None


def narrowed(window: Window, last_use: datetime, repair: int) -> Window:
    """The window of a repair that ends right after ``last_use``, again a second earlier with each repair.

    For a record whose end was refused: the marketplace may know of a release that is not known here yet. What was used
    before it can be billed.
    """
    end = _floored(last_use) + SECOND - (repair - 1) * SECOND
    return Window(window.begin, min(window.end, max(end, window.begin + SECOND)))


def _floored(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _ceiled(moment: datetime) -> datetime:
    return moment if moment.microsecond == 0 else _floored(moment) + SECOND
