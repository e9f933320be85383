"""The usage of a month that the marketplace has accepted, by instance. Settlement counts usage when it was consumed
(metering and open APIs, section 1); a month is Beijing's, as the console's days are. Quantities only: no call tells
prices of usage.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING

from shared.clock import month_of
from shared.metering.records import Record, RecordState
from shared.metering.slots import slots_beginning_on

if TYPE_CHECKING:
    from shared.app import App

TOGETHER = 20
"""Instances whose records of a day are in memory at a time."""


@dataclass(frozen=True, slots=True)
class MonthlyUsage:
    """What an instance used in a month, out of ``package`` if that is one; ``records`` counts what it is the sum of."""

    instance_id: str
    package: str | None
    quantity: Decimal
    records: int


def usage_of(app: "App", month: str) -> list[MonthlyUsage]:
    """By instance and package, of a month in Beijing (``2026-11``).

    Reads, of each day, the instances that have records and then their slots: nothing is scanned.
    """
    sums: dict[tuple[str, str], tuple[Decimal, int]] = {}
    for record in _accepted(app, month):
        key = record.instance_id, record.package or ""
        quantity, records = sums.get(key, (Decimal(0), 0))
        sums[key] = quantity + record.value, records + 1
    return [MonthlyUsage(name, package or None, *sums[name, package]) for name, package in sorted(sums)]


def _accepted(app: "App", month: str) -> Iterator[Record]:
    for day in _days(month):
        slots = [slot for slot in slots_beginning_on(day) if month_of(slot.begin) == month]
        for shard in range(app.settings.shards if slots else 0):
            ids = app.billing_records.instances_of(day, shard)
            while some := list(islice(ids, TOGETHER)):
                pairs = [(each, slot) for each in some for slot in slots]
                for records in app.billing_records.of_slots(pairs):
                    yield from (each for each in records if each.state is RecordState.ACCEPTED)


def _days(month: str) -> Iterator[date]:
    """The UTC days with hours of the month in Beijing, which begins on the day before its first."""
    day = date.fromisoformat(f"{month}-01") - timedelta(days=1)
    while f"{day:%Y-%m}" <= month:
        yield day
        day += timedelta(days=1)
