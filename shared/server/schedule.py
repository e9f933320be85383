"""When the timers are due, and whether it is this machine's turn.

Each timer has one item in the store::

    done_ms ── the latest moment it was due at for which a run has ended
    until_ms ── somebody is at work until then, or has died

Whoever finds that ``done_ms`` lies before the latest due moment, and nobody at work, takes the turn by a conditional
write. Who dies in a run leaves the moment undone: when ``until_ms`` is over, the next machine runs it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.clock import Clock, epoch_ms
from shared.config import Settings
from shared.store.conditional import write_over
from shared.store.table import WHOLE, Item, Stale, Table

GRACE = timedelta(seconds=10)
"""How much longer than its own time limit a run is believed to be at work."""


@dataclass(frozen=True)
class Timer:
    """Runs ``function`` of ``functions.NAME`` at these ``minutes`` of each hour, for at most so many ``seconds``."""

    name: str
    function: str
    minutes: tuple[int, ...]
    seconds: float

    def due(self, now: datetime) -> datetime:
        """The latest moment, not after ``now``, at which it is due."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        moments = [hour + timedelta(minutes=minute) for minute in self.minutes]
        before = hour - timedelta(hours=1) + timedelta(minutes=self.minutes[-1])
        return max((each for each in moments if each <= now), default=before)


TIMERS = (
    Timer("sweep", "sweep", tuple(range(0, 60, 5)), 240.0),
    Timer("metering", "upload", (2, 5, 8, 11), 115.0),
)
"""The marketplace collects usage at minute 15 (metering and open APIs, section 2.4)."""
RELAY = Timer("relay", "relay", tuple(range(60)), 50.0)
"""Where somebody receives events."""


def timers(settings: Settings) -> tuple[Timer, ...]:
    """Those that a server with these settings looks after."""
    return (*TIMERS, RELAY) if settings.events_url else TIMERS


@dataclass(frozen=True)
class Turn:
    """The right to run a timer for the ``moment`` it is due at, and the item that says so."""

    moment: datetime
    item: Item


class Turns:
    """Who runs which timer."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table, self._clock = table, clock

    def take(self, timer: Timer) -> Turn | None:
        """The turn, if the timer is due and nobody is at work on it."""
        now = self._clock.now()
        moment, seen = timer.due(now), self.read(timer)
        done = seen["done_ms"] if seen else 0
        if done >= epoch_ms(moment) or (seen and seen["until_ms"] > epoch_ms(now)):
            return None
        until = now + timedelta(seconds=timer.seconds) + GRACE
        item = {"pk": _key(timer), "sk": WHOLE, "done_ms": done, "until_ms": epoch_ms(until)}
        written = write_over(self._table, seen, item)
        return Turn(moment, written) if written else None

    def done(self, turn: Turn) -> None:
        """The run has ended."""
        self._end(turn.item | {"done_ms": epoch_ms(turn.moment)})

    def give_back(self, turn: Turn) -> None:
        """The run was cut short: somebody else may have the turn at once."""
        self._end(turn.item)

    def read(self, timer: Timer) -> Item | None:
        """The timer's item, if it has ever run."""
        return self._table.get(_key(timer))

    def _end(self, item: Item) -> None:
        try:
            self._table.replace(item | {"until_ms": 0})
        except Stale:
            return  # it took so long that another machine has begun anew


def _key(timer: Timer) -> str:
    return f"timer#{timer.name}"
