"""The usage of a month, as the bundle tells it beside the orders, and what the marketplace took in of that month."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias

from emulator.openapi.usage.record import moment
from emulator.soak.environment import SoakEnvironment
from emulator.soak.finding import SoakFinding
from emulator.soak.usage_verdict import refused_records
from shared.clock import month_of
from shared.metering.monthly import usage_of
from shared.metering.records import RecordState

Sums: TypeAlias = Mapping[tuple[str, str], Decimal]
"""By month and instance."""


def by_month(environment: SoakEnvironment) -> SoakFinding:
    """Both are the same, instance by instance, but for what was received and refused later, which nothing tells the
    seller's side.
    """
    ours, theirs = _told(environment), _taken_in(environment)
    problems = [
        f"{name[:12]} used {ours.get((month, name), 0)} in {month}, taken in {theirs.get((month, name), 0)}"
        for month, name in sorted(ours.keys() | theirs.keys())
        if ours.get((month, name), 0) != theirs.get((month, name), 0)
    ]
    return SoakFinding(f"{len(ours)} sums by month", problems)


def _told(environment: SoakEnvironment) -> Sums:
    found = ((month, each) for month in environment.months for each in usage_of(environment.app, month))
    return {(month, each.instance_id): each.quantity for month, each in found}


def _taken_in(environment: SoakEnvironment) -> Sums:
    usage, sums = environment.marketplace.usage, defaultdict[tuple[str, str], Decimal](Decimal)
    for line in usage.bill():
        sums[_month(line.begin_time), line.instance_id] += line.usage_value
    for instance_id in {each.sent.instance_id for each in usage.records.abnormal()}:
        for sent, state in refused_records(environment, instance_id):
            if state is RecordState.ACCEPTED:
                sums[_month(sent.begin_time), instance_id] += Decimal(sent.usage_value)
    return sums


def _month(begin_time: str) -> str:
    begin = moment(begin_time)
    return month_of(begin) if begin else "no month"
