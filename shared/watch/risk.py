"""How far the product is from being hidden or delisted (production interfaces, sections 2.1, 3.9 and 8)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from shared.clock import Deadline, month_of
from shared.store.keys import split
from shared.store.paging import every
from shared.store.table import Item
from shared.watch.failures import PROBES
from shared.watch.message import FailedMessage, MessageState
from shared.watch.messages import failed_messages
from shared.watch.refusals import REFUSED
from shared.watch.retries import day_of
from shared.watch.round import Round

if TYPE_CHECKING:
    from shared.app import App

WARN_AT = 3
"""Failed orders, or failing days in a row, from which on somebody must act: two are left."""
SUDDEN, TIMES = 10, 3
"""Refused calls of a day that are an alarm, if they are so many times those of an average day before."""
DAYS = 7
"""That the average is taken of."""
SECONDS = 20.0
"""For who just wants to know."""


@dataclass(frozen=True, slots=True)
class FailedProbe:
    """A debug call (``testFlag`` 1) that failed on a ``day``: the latest answer of that day."""

    day: str
    activity: str
    result: str
    reason: str


@dataclass(frozen=True, slots=True)
class Risk:
    """``refused`` counts refused calls by day and reason. Days and months are Beijing's."""

    day: str
    month: str
    messages: Sequence[FailedMessage]
    probes: Sequence[FailedProbe]
    refused: Mapping[tuple[str, str], int]

    @property
    def failed_orders(self) -> list[FailedMessage]:
        """Those of this month that the marketplace has given up, by order."""
        given_up = (each for each in self.messages if each.is_order and each.state is MessageState.FAILED)
        return list({each.order_id: each for each in given_up if month_of(each.since) == self.month}.values())

    @property
    def open(self) -> list[FailedMessage]:
        """What the marketplace repeats by itself, and is still to be mended in time."""
        return [each for each in self.messages if each.is_open]

    @property
    def failing_days(self) -> int:
        """Days in a row on which a probe failed, up to today, or to yesterday if none has failed today."""
        bad, day = {each.day for each in self.probes}, date.fromisoformat(self.day)
        if self.day not in bad:
            day -= timedelta(days=1)
        count = 0
        while (day - timedelta(days=count)).isoformat() in bad:
            count += 1
        return count

    @property
    def sudden(self) -> list[str]:
        """The reasons for which far more calls are refused today than on the days before."""
        today = {reason: count for (day, reason), count in self.refused.items() if day == self.day}
        return [reason for reason, count in sorted(today.items()) if count >= max(SUDDEN, TIMES * self._usual(reason))]

    @property
    def is_high(self) -> bool:
        """Must somebody act now?"""
        return max(len(self.failed_orders), self.failing_days) >= WARN_AT or bool(self.sudden)

    def _usual(self, reason: str) -> float:
        first = (date.fromisoformat(self.day) - timedelta(days=DAYS)).isoformat()
        before = [count for (day, why), count in self.refused.items() if why == reason and first <= day < self.day]
        return sum(before) / DAYS


def risk(app: "App", deadline: Deadline | None = None, round_: Round | None = None) -> Risk:
    """What is known now: one range each of the store, and, while time is left, the instances that some of the failed
    messages are about, those in ``round_`` whose turn it is.
    """
    now, table = app.clock.now(), app.tables.table("agenda")
    since = day_of(now - timedelta(days=4 * DAYS))
    messages = failed_messages(app, deadline or Deadline(app.clock, SECONDS), round_ or Round())
    probes = [_probe(item) for item in every(table, PROBES, first=since)]
    refused: Counter[tuple[str, str]] = Counter()
    for item in every(table, REFUSED, first=since):
        day, reason, _slot = split(item["sk"])
        refused[day, reason] += item["count"]
    return Risk(day_of(now), month_of(now), messages, probes, refused)


def _probe(item: Item) -> FailedProbe:
    day, activity = split(item["sk"])
    return FailedProbe(day, activity, item["result"], item["reason"])
