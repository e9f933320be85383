"""The usage of a bill that was exported from the seller console, beside what the marketplace accepted in that month."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from shared.clock import month_of
from shared.metering.monthly import MonthlyUsage
from shared.metering.reconciliation.bill import BillLine


@dataclass(frozen=True, slots=True)
class UsageDifference:
    """An instance whose ``accepted`` and ``billed`` usage of a month differ."""

    instance_id: str
    accepted: Decimal
    billed: Decimal


def usage_differences(usage: Sequence[MonthlyUsage], bill: Iterable[BillLine], month: str) -> list[UsageDifference]:
    """By instance; lines of the bill that begin in another month in Beijing are left out."""
    accepted = _sums((each.instance_id, each.quantity) for each in usage)
    billed = _sums((each.instance_id, each.value) for each in bill if month_of(each.begin) == month)
    zero = Decimal(0)
    both = sorted(accepted.keys() | billed.keys())
    found = [UsageDifference(each, accepted.get(each, zero), billed.get(each, zero)) for each in both]
    return [each for each in found if each.accepted != each.billed]


def _sums(values: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for instance_id, value in values:
        sums[instance_id] = sums.get(instance_id, Decimal(0)) + value
    return sums
