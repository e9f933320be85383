"""Bill lines made from accepted records at fixed times."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from shared.metering.reconciliation.csv_lines import csv_lines

HOURLY_MINUTE = 15
DAILY_HOUR = 17
"""UTC hour in which daily products are collected: 01:00 in Beijing."""


@dataclass(frozen=True, slots=True)
class CollectedLine:
    """One line of the bill. It never changes. ``number`` says where it stands, for paging."""

    instance_id: str
    begin_time: str
    end_time: str
    usage_value: Decimal
    relate_pkg_instance: str
    collected_at: str
    number: int = field(default=0, compare=False)


COLUMNS = ("instance_id", "begin_time", "end_time", "usage_value", "relate_pkg_instance", "collected_at")
"""Of the bill as CSV."""


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


def as_csv(bill: Iterable[CollectedLine]) -> str:
    """The bill as CSV with a header."""
    return "".join(csv_lines(COLUMNS, ([getattr(line, name) for name in COLUMNS] for line in bill)))
