"""Months of usage that are simulated: what is to be used, and how much of it is done, in the marketplace's file."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from emulator.console.usage.curve import CurvePoint, amount
from emulator.console.usage.used import HOUR, RecordedUse, hour_of
from emulator.marketplace.market import Market
from emulator.marketplace.storage.database import Document
from shared.clock import BEIJING

TASK = "simulated use"
IN_HOUR = timedelta(minutes=30)
"""When in its hour something is used."""
BILLED_AFTER = timedelta(minutes=20)
"""After its end the last hour has been uploaded and collected."""
DAY_BILLED_AFTER = timedelta(minutes=80)
"""The same of a day that is billed as a whole."""


class Curve(NamedTuple):
    """How much is used: ``most`` in the busiest hour, in a shape of :data:`emulator.console.usage.curve.SHAPES`."""

    shape: str
    most: Decimal
    seed: int = 1


class SimulatedMonth(Document):
    """What an instance uses: in so many ``hours`` from ``begin`` on, of which the first ``done`` are over. ``id``: a
    number. ``daily``: it is billed by the day of Beijing.

    ``rejected``: how many events the intake refused, by its reason. ``problem``: why the latest one was not taken.
    """

    owned_by = "instance_id"
    instance_id: str
    shape: str
    most: Decimal
    seed: int
    begin: datetime
    hours: int
    daily: bool = False
    done: int = 0
    stopped: bool = False
    rejected: Mapping[str, int] = {}
    problem: str = ""

    @property
    def running(self) -> bool:
        return self.done < self.hours and not self.stopped

    @property
    def until(self) -> datetime:
        """The end of its last hour."""
        return self.begin + self.hours * HOUR

    @property
    def window(self) -> tuple[datetime, datetime]:
        """Its first and its last hour; the whole days where those are billed."""
        first, last = self.begin, self.until - HOUR
        if not self.daily:
            return first, last
        return first - first.astimezone(BEIJING).hour * HOUR, last + (23 - last.astimezone(BEIJING).hour) * HOUR

    @property
    def end(self) -> datetime:
        """When all of it is billed."""
        return self.window[1] + HOUR + (DAY_BILLED_AFTER if self.daily else BILLED_AFTER)

    def use(self) -> RecordedUse:
        """What comes next."""
        at = self.begin + self.done * HOUR
        value = amount(self.shape, self.seed, CurvePoint(at, self.done / self.hours), self.most)
        return RecordedUse(self.instance_id, at + IN_HOUR, value)


class SimulatedMonths:
    """Those of a market, whose agenda tells :class:`emulator.console.usage.simulated_use.SimulatedUse` when to use."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._database = market.database

    def start(self, instance_id: str, wanted: Curve, hours: int, *, daily: bool = False) -> SimulatedMonth:
        """From the next full hour on."""
        number, begin = self._database.next_number("usage plan"), hour_of(self._market.clock.now()) + HOUR
        month = SimulatedMonth(
            id=str(number), instance_id=instance_id, begin=begin, hours=hours, daily=daily, **wanted._asdict()
        )
        self.keep(month)
        return month

    def keep(self, month: SimulatedMonth, due: datetime | None = None) -> None:
        """Note how far it is, and go on at its next hour, or when it is ``due``; not if it was stopped meanwhile."""
        with self._database.changing():
            before = self._database.get(SimulatedMonth, month.id)
            if before and before.stopped:
                return
            self._database.put(month)
            if month.running:
                self._market.agenda.put(TASK, month.id, due or month.use().at)

    def resume(self, number: str) -> None:
        """Let go on what was begun, should nobody have been there to do it."""
        with self._database.changing():
            month = self._database.get(SimulatedMonth, number)
            if month and month.running:
                self.keep(month)

    def stop(self, number: str) -> None:
        """What was used stays used; the rest is not."""
        with self._database.changing():
            month = self._database.get(SimulatedMonth, number)
            if month and month.running:
                self._database.put(month.model_copy(update={"stopped": True}))
                self._market.agenda.drop(TASK, number)
