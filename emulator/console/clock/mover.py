"""Moves the marketplace's clock in the background: what is due on the way takes its time."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock, Thread

from emulator.marketplace.market import Market

MOST = timedelta(days=800)
"""How far it is moved at once."""


class Busy(Exception):
    """The clock is being moved already."""


class _Cancelled(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Journey:
    """``at``: where it is; ``calls``: made on the way; ``stops``: moments at which something was due; ``outcome``:
    ``done``, ``cancelled`` or ``failed``, empty under way.
    """

    begin: datetime
    target: datetime
    at: datetime
    first_call: int
    stops: int = 0
    calls: int = 0
    outcome: str = ""

    @property
    def ended(self) -> bool:
        return bool(self.outcome)

    @property
    def percent(self) -> int:
        """How much of the way is done."""
        return 100 if self.ended else min(int((self.at - self.begin) / (self.target - self.begin) * 100), 99)


class Mover:
    """Moves the clock of ``market``. ``journey`` is the latest one, ``None`` before the first."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self.journey: Journey | None = None
        self._lock = Lock()
        self._stop = False

    @property
    def moving(self) -> bool:
        return self.journey is not None and not self.journey.ended

    def start(self, target: datetime) -> Thread:
        """Move the clock to ``target``.

        :raises Busy: it is being moved.
        :raises ValueError: the moment is past, or too far away.
        """
        now = self._market.clock.now()
        if not timedelta() < target - now <= MOST:
            raise ValueError("the moment is past, or too far away")
        with self._lock:
            if self.moving:
                raise Busy
            self._stop = False
            self.journey = Journey(now, target, now, self._market.timeline.latest())
        thread = Thread(target=self._run, args=(target,), name="clock-mover", daemon=True)
        thread.start()
        return thread

    def cancel(self) -> None:
        """Stop before the next moment at which something is due."""
        self._stop = True

    def _run(self, target: datetime) -> None:
        market, clock, outcome = self._market, self._market.clock, "done"
        offset = clock.offset

        def told(now: datetime) -> None:
            nonlocal offset
            if self._stop:
                clock.shift(offset)  # nothing has been done yet at this moment
                market.keep_time()
                raise _Cancelled
            self._note(now, stops=1)
            offset = clock.offset

        try:
            market.advance(target - clock.now(), told)
        except _Cancelled:
            outcome = "cancelled"
        except Exception:
            logging.getLogger(__name__).exception("the clock could not be moved further")
            outcome = "failed"
        self._note(clock.now(), outcome=outcome)

    def _note(self, at: datetime, *, stops: int = 0, outcome: str = "") -> None:
        """How far it is: at a moment more at which something was due, or at its end."""
        if self.journey:
            calls, stops = self._market.timeline.latest() - self.journey.first_call, self.journey.stops + stops
            self.journey = replace(self.journey, at=at, stops=stops, calls=calls, outcome=outcome)
