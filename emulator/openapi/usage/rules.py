"""Validation rules for usage records (metering and open APIs, sections 2.4 and 2.6)."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from emulator.openapi.usage.instances import Bought
from emulator.openapi.usage.record import SentRecord, moment
from emulator.openapi.usage.usage_records import UsageRecords
from shared.provisioning import Charging

OLDEST = timedelta(days=21)
LARGEST = Decimal("99999999.9999")
_VALUE = re.compile(r"\d{1,8}(\.\d{1,4})?")


@dataclass(frozen=True, slots=True)
class RecordCase:
    """A record with what the marketplace has on file about it. ``at``: when the record came; ``accepted``: what was
    accepted so far.
    """

    sent: SentRecord
    old_api: bool
    at: datetime
    instance: Bought | None
    package: Bought | None
    accepted: UsageRecords

    @property
    def begin(self) -> datetime | None:
        """Begin, if it is a time."""
        return moment(self.sent.begin_time)

    @property
    def end(self) -> datetime | None:
        """End, if it is a time."""
        return moment(self.sent.end_time)


def _wrong_value(case: RecordCase) -> bool:
    return not _VALUE.fullmatch(case.sent.usage_value) or not 0 < Decimal(case.sent.usage_value) <= LARGEST


def _unknown(case: RecordCase) -> bool:
    return case.instance is None or (bool(case.sent.relate_pkg_instance) and case.package is None)


def _not_metered(case: RecordCase) -> bool:
    wrong = case.instance is not None and case.instance.charging is not Charging.ON_DEMAND
    return wrong or (case.package is not None and case.package.charging is not Charging.ON_DEMAND_PACKAGE)


def _out_of_range(case: RecordCase) -> bool:
    if case.begin is None or case.end is None or case.instance is None:
        return True
    latest = min(case.at, case.instance.closed_at or case.at)
    # The API's times are whole seconds, so an instance may be said to have started at the second in which it did.
    return not case.instance.started_at.replace(microsecond=0) <= case.begin <= case.end <= latest


RULES: Mapping[str, Callable[[RecordCase], bool]] = {
    "004": lambda case: not case.old_api and not case.sent.metering_sn,
    "005": lambda case: case.accepted.repeated_sn(case.sent),
    "002": lambda case: None in (case.begin, case.end, moment(case.sent.record_time)),
    "003": _wrong_value,
    "001": _unknown,
    "009": lambda case: case.instance is not None and case.instance.foreign,
    "012": _not_metered,
    "010": lambda case: case.accepted.repeated_window(case.sent),
    "006": lambda case: case.instance is not None and case.instance.delisted,
    "013": lambda case: case.instance is not None and case.instance.frozen,
    "007": lambda case: case.begin is None or case.begin < case.at - OLDEST,
    "011": _out_of_range,
}
"""In the order in which they are looked at; the order is not documented. What was accepted before is a duplicate first
of all, so that asking again about it always has the same answer.
"""

OF_THE_RECORD = RULES.keys() - {"005", "010"}
"""All but those that ask what was accepted before."""


def broken(case: RecordCase) -> str | None:
    """The code of the first rule that the record breaks."""
    return next((code for code, rule in RULES.items() if rule(case)), None)


def breaks(case: RecordCase, codes: Iterable[str]) -> bool:
    """Does the record break one of the rules with these codes, whatever else it breaks?"""
    return any(RULES[code](case) for code in codes)
