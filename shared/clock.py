"""Time, injected. Inside the bundle every moment is an aware ``datetime`` in UTC."""

import random
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol

BEIJING = timezone(timedelta(hours=8))
"""Days and months of the marketplace, those of settlement too, are Beijing's (production interfaces, section 14)."""


class Clock(Protocol):
    """What the bundle needs of time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back, for measuring time-outs."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's clock, shifted by ``offset`` seconds (``KOOGALLERY_CLOCK_OFFSET``, local targets only)."""

    def __init__(self, offset: float = 0.0) -> None:
        self._offset = timedelta(seconds=offset)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Deadline:
    """How long one call may still take."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._end = clock.monotonic() + seconds

    def later(self, seconds: float) -> "Deadline":
        """One that ends ``seconds`` after this one."""
        return Deadline(self._clock, self._end + seconds - self._clock.monotonic())

    def share(self, parts: int, most: float) -> "Deadline":
        """One for the first of ``parts`` equal shares of the time left, ``most`` seconds at most."""
        return Deadline(self._clock, min(self.left() / parts, most))

    def left(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self._end - self._clock.monotonic())


class BackOff:
    """Pauses between attempts at one thing: of each between half and all is waited, so that those who were refused at
    the same time do not come back at the same time.

    :param pauses: seconds; one more attempt for each.
    :param chance: random number from 0 to 1.
    """

    def __init__(self, clock: Clock, pauses: Iterable[float], chance: Callable[[], float] = random.random) -> None:
        self._clock, self._pauses, self._chance = clock, iter(pauses), chance

    def wait(self, deadline: Deadline | None = None) -> bool:
        """Wait for the next attempt; ``False`` at once if there is none left, or none before ``deadline``."""
        pause = next(self._pauses, 0.0) * (0.5 + self._chance() / 2)
        if not pause or (deadline is not None and deadline.left() <= pause):
            return False
        self._clock.sleep(pause)
        return True


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since 1970-01-01T00:00:00Z of an aware ``datetime``."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def moment_of(milliseconds: int) -> datetime:
    """The UTC moment of so many epoch milliseconds."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def month_of(moment: datetime) -> str:
    """``2026-11``, in Beijing."""
    return f"{moment.astimezone(BEIJING):%Y-%m}"
