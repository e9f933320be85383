"""An instance's usage by the hour, for a chart."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from emulator.openapi.usage.record import moment
from emulator.openapi.usage.tables import UsageTables, as_text
from shared.usage_limits import TIME

_DIGIT = "[0-9]"
_TIME = f"{_DIGIT * 8}T{_DIGIT * 6}Z"
_HOUR = "substr(begin_time, 1, 11) AS hour"
_BETWEEN = "instance_id = ? AND begin_time >= ? AND begin_time < ?"

_ACCEPTED = f"""
SELECT {_HOUR}, usage_sum(usage_value), usage_sum(CASE WHEN collected_at <= ? THEN usage_value END)
FROM usage_record WHERE {_BETWEEN} GROUP BY hour
"""  # noqa: S608 - no values in it
_REFUSED = f"""
SELECT {_HOUR}, usage_sum(usage_value) FROM (
  SELECT instance_id, begin_time, end_time, usage_value, max(number) FROM usage_abnormal
  WHERE {_BETWEEN} AND begin_time GLOB '{_TIME}' GROUP BY begin_time, end_time) AS refused
WHERE NOT EXISTS (
  SELECT 1 FROM usage_record AS accepted WHERE accepted.instance_id = refused.instance_id
  AND accepted.begin_time = refused.begin_time AND accepted.end_time = refused.end_time)
GROUP BY hour
"""  # noqa: S608 - no values in it


@dataclass(frozen=True, slots=True)
class Hour:
    """Usage of the records that begin in the hour which begins at ``hour``, UTC.

    ``refused``: of records that were refused and not accepted before or after, each begin and end once. ``billed``:
    what of ``accepted`` was collected by now.
    """

    hour: datetime
    accepted: Decimal = Decimal(0)
    refused: Decimal = Decimal(0)
    billed: Decimal = Decimal(0)


def hours(tables: UsageTables, instance_id: str, first: datetime, last: datetime, now: datetime) -> list[Hour]:
    """The hours that have anything, from the one of ``first`` to the one of ``last``, both included, in order."""
    end = last.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    between = (instance_id, f"{first.replace(minute=0, second=0):{TIME}}", f"{end:{TIME}}")
    with tables.lock:
        taken = tables.rows(_ACCEPTED, as_text(now), *between)
        missed = tables.rows(_REFUSED, *between)
    accepted = {hour: Decimal(amount) for hour, amount, _ in taken}
    billed = {hour: Decimal(amount) for hour, _, amount in taken}
    refused = {hour: Decimal(amount) for hour, amount in missed}
    return [
        Hour(begin, *(amounts.get(hour, Decimal(0)) for amounts in (accepted, refused, billed)))
        for hour in sorted(accepted.keys() | refused.keys())
        if (begin := moment(f"{hour}0000Z"))
    ]
