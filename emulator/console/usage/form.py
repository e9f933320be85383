"""The form that uses a product."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from emulator.console.forms import FieldAtFault
from emulator.console.usage.used import MOST, RecordedUse, hour_of
from emulator.openapi.usage.rules import LARGEST

_LATE_IN_HOUR = timedelta(minutes=59)
_DECIMALS = 8


def read_use(form: Mapping[str, str], instance_id: str, now: datetime) -> RecordedUse:
    """``value`` each, ``count`` times, in the hour that begins at ``hour`` (ISO 8601, UTC), empty for now.

    :raises FieldAtFault: one of them is no such thing.
    """
    value, count = decimal_in(form, "value"), form.get("count", "1")
    if not count.isdecimal() or not 1 <= int(count) <= MOST:
        raise FieldAtFault("count")
    return RecordedUse(instance_id, _moment(form.get("hour", ""), now), value, int(count), form.get("package", ""))


def decimal_in(form: Mapping[str, str], field: str) -> Decimal:
    """An amount that can be used.

    :raises FieldAtFault: it is none.
    """
    try:
        value = Decimal(form.get(field, ""))
    except InvalidOperation as error:
        raise FieldAtFault(field) from error
    exponent = value.as_tuple().exponent
    if not value.is_finite() or not 0 < value <= LARGEST or not isinstance(exponent, int) or exponent < -_DECIMALS:
        raise FieldAtFault(field)
    return value


def _moment(given: str, now: datetime) -> datetime:
    """Late in the hour, so that what was opened in the middle of it is there."""
    if not given:
        return now
    try:
        hour = datetime.fromisoformat(given)
    except ValueError as error:
        raise FieldAtFault("hour") from error
    return min(now, hour_of(hour if hour.tzinfo else hour.replace(tzinfo=UTC)) + _LATE_IN_HOUR)
