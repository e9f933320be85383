"""Slots, pure: which stretch of time an event is billed in.

A slot is an hour, or for daily products a Beijing day (16:00Z to 16:00Z, metering and open APIs, section 2.4),
half-open.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache

from shared.usage_limits import LATE_LIMIT

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
DAY_BEGINS = 16
"""UTC hour at which a Beijing day begins."""
SETTLING = timedelta(minutes=2)
"""How long a slot is left alone after its end, for events that are on their way."""
MARGIN = timedelta(minutes=10)
"""Distance kept from the 21 days of a late record, so that a record does not cross it on its way."""
_KEY = "%Y%m%dT%H"


@dataclass(frozen=True, order=True)
class Slot:
    """``begin`` <= time < ``end``, whole UTC hours."""

    begin: datetime
    end: datetime

    @cached_property
    def key(self) -> str:
        """Text that sorts by time and from which ``from_key`` makes the slot again: ``20261120T08H``,
        ``20261120T16D``.
        """
        return f"{self.begin:{_KEY}}{'H' if self.end - self.begin == HOUR else 'D'}"


def slot_of(moment: datetime, *, daily: bool) -> Slot:
    """The slot in which ``moment`` (aware) lies."""
    hour = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if not daily:
        return _slot(hour, HOUR)
    return _slot(hour.replace(hour=DAY_BEGINS) - (DAY if hour.hour < DAY_BEGINS else timedelta()), DAY)


@lru_cache(maxsize=1024)
def from_key(key: str) -> Slot:
    """The slot with that key.

    :raises ValueError: there is none.
    """
    return _slot(datetime.strptime(key[:-1], _KEY).replace(tzinfo=UTC), {"H": HOUR, "D": DAY}[key[-1]])


@lru_cache(maxsize=1024)
def _slot(begin: datetime, length: timedelta) -> Slot:
    """The same one for all who ask: thousands of events are in it, and its key is written once."""
    return Slot(begin, begin + length)


def slots_beginning_on(day: date) -> list[Slot]:
    """All that begin on a UTC day: its hours, and the day of a daily product (a product may have been either)."""
    midnight = datetime.combine(day, time(), UTC)
    begin = midnight.replace(hour=DAY_BEGINS)
    hours = (Slot(midnight + number * HOUR, midnight + (number + 1) * HOUR) for number in range(24))
    return [*hours, Slot(begin, begin + DAY)]


def earliest(now: datetime) -> datetime:
    """Where a record may begin that is made now."""
    return now - LATE_LIMIT + MARGIN
