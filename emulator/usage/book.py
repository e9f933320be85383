"""The marketplace's book: records that were accepted, those that are abnormal, and the bill they become."""

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from emulator.usage.record import Sent

HOURLY_MINUTE = 15
DAILY_HOUR = 17
"""UTC hour in which daily products are collected: 01:00 in Beijing."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A record that will be billed; ``collected_at`` is when that becomes final."""

    sent: Sent
    collected_at: datetime


@dataclass(frozen=True, slots=True)
class Abnormal:
    """A record that was refused, as the seller console's SDR management shows it."""

    sent: Sent
    code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line of the bill. It never changes."""

    instance_id: str
    begin_time: str
    end_time: str
    usage_value: Decimal
    relate_pkg_instance: str
    collected_at: str


class Book:
    """First wins: by ``metering_sn``, and by instance, begin and end (section 2.4, rule 5)."""

    def __init__(self) -> None:
        self._accepted: dict[tuple[str, str, str], Accepted] = {}
        self._sns: set[str] = set()
        self.abnormal: list[Abnormal] = []

    def repeated_sn(self, sent: Sent) -> bool:
        """Has an accepted record this ``metering_sn``?"""
        return sent.metering_sn in self._sns

    def repeated_window(self, sent: Sent) -> bool:
        """Has an accepted record of the instance the same begin and end?"""
        return sent.window in self._accepted

    def accept(self, sent: Sent, at: datetime, *, daily: bool) -> None:
        """Take a record that breaks no rule."""
        self._accepted[sent.window] = Accepted(sent, collection_after(at, daily=daily))
        if sent.metering_sn:
            self._sns.add(sent.metering_sn)

    def refuse(self, sent: Sent, code: str, at: datetime) -> None:
        """Keep a refused record for the console."""
        self.abnormal.append(Abnormal(sent, code, at))

    def total(self, instance_id: str) -> Decimal:
        """Sum of an instance's accepted records, billed by now or later."""
        mine = (each.sent for each in self._accepted.values() if each.sent.instance_id == instance_id)
        return sum((Decimal(sent.usage_value) for sent in mine), Decimal(0))

    def bill(self, now: datetime) -> list[BillLine]:
        """What was collected up to ``now``, in the order of acceptance."""
        return [_line(each) for each in self._accepted.values() if each.collected_at <= now]


def collection_after(moment: datetime, *, daily: bool) -> datetime:
    """When a record that is accepted at ``moment`` is collected: minute 15 of each hour, 01:00 Beijing time for daily
    products.
    """
    hour = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    due, step = (
        (hour.replace(hour=DAILY_HOUR), timedelta(days=1))
        if daily
        else (hour.replace(minute=HOURLY_MINUTE), timedelta(hours=1))
    )
    return due if moment <= due else due + step


def as_csv(bill: Iterable[BillLine]) -> str:
    """The bill as CSV with a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in fields(BillLine))
    writer.writerows(map(astuple, bill))
    return text.getvalue()


def _line(accepted: Accepted) -> BillLine:
    sent = accepted.sent
    return BillLine(
        sent.instance_id,
        sent.begin_time,
        sent.end_time,
        Decimal(sent.usage_value),
        sent.relate_pkg_instance,
        f"{accepted.collected_at:%Y%m%dT%H%M%SZ}",
    )
