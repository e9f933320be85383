"""Reconciliation: reads what is stored, and puts a bill beside it.

Nothing lists all instances, because no engine may scan. What is listed is who has records of a day, and who has
something pending: nobody else has anything to reconcile.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from shared.metering.reconciliation.bill import BillLine
from shared.metering.reconciliation.comparison import ZERO, Day, SlotUse, day_of
from shared.metering.slots import slots_beginning_on

if TYPE_CHECKING:
    from shared.app import App

SIDE_BY_SIDE = 8


def reconciled(
    app: "App", instance_id: str, first: date, last: date, bill: Iterable[BillLine] | None = None
) -> Iterator[Day]:
    """The days ``first`` to ``last`` (UTC) of an instance on which anything was used or billed.

    Takes about 50 reads of the store for a day. ``bill``: all lines of the instance, ``None`` to compare with nothing.
    """
    # A day earlier, because a daily product's day is not over at midnight.
    days = [first + timedelta(days=number) for number in range(-1, (last - first).days + 1)]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        used = dict(zip(days, pool.map(partial(_used, app, instance_id), days), strict=True))
    billed = None if bill is None else _by_day(bill, used)
    for day in days[1:]:
        found = day_of(instance_id, day, used[day], None if billed is None else billed.get(day, ZERO))
        if not found.empty:
            yield found


def with_something_sealed(app: "App", first: date, last: date) -> set[str]:
    """The instances with billing records of the days ``first`` to ``last`` (UTC)."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    shards = range(app.settings.shards)
    return {found for day in days for shard in shards for found in app.billing_records.instances_of(day, shard)}


def with_something_pending(app: "App") -> set[str]:
    """The instances with usage that is not in a record yet, or with records that are still open."""
    found = set()
    for shard in range(app.settings.shards):
        found |= {mark.instance_id for mark in app.usage_events.marks(shard)}
        found |= {key[0].rpartition("#")[0] for key, _ in app.billing_records.open_keys(shard)}
    return found


def _used(app: "App", instance_id: str, day: date) -> list[SlotUse]:
    found = []
    for slot in slots_beginning_on(day):
        ingested = sum((value for _, value in app.usage_events.values(instance_id, slot)), Decimal(0))
        records = app.billing_records.of_slot(instance_id, slot)
        if ingested or records:
            found.append(SlotUse(slot, ingested, records))
    return found


def _by_day(bill: Iterable[BillLine], used: Mapping[date, Sequence[SlotUse]]) -> dict[date, Decimal]:
    """What is billed by day: that of our record with the line's begin and end, else the one the line begins on."""
    days = {(record.begin, record.end): day for day, slots in used.items() for each in slots for record in each.records}
    billed: dict[date, Decimal] = {}
    for line in bill:
        day = days.get((line.begin, line.end), line.begin.date())
        billed[day] = billed.get(day, ZERO) + line.value
    return billed
