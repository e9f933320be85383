"""What a usage event must be like, pure: what the seller's application sends becomes an event in its slot, or a reason.

What passes can be billed: its slot leaves a window for a record, and there is time to send it.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from shared.metering.events import Stored, UsageEvent
from shared.metering.meter import Meter
from shared.metering.slots import earliest, slot_of
from shared.metering.windows import stretch
from shared.store.table import WHOLE
from shared.usage_limits import LATE_LIMIT

MEMBERS = frozenset({"id", "instanceId", "time", "value", "package"})
LONGEST_ID = 128
LONGEST_INSTANCE_ID = 64
"""Characters; metering and open APIs, section 2.3."""
MOST_DIGITS = 8
"""Before the decimal point, as in ``Double(12,4)`` (section 2.3), and as many behind it."""
AHEAD = timedelta(minutes=5)
"""How far the application's clock may be ahead of ours."""
LATEST = LATE_LIMIT - timedelta(hours=12)
"""An older event is refused: half a day is left for uploading what is taken in (section 2.4: 21 days)."""
_NUMBER = re.compile(r"-?(\d+)(?:\.(\d+))?", re.ASCII)


class Reason(StrEnum):
    """Why an event is not taken in. The texts are part of the interface."""

    INVALID_EVENT = "invalid event"
    INVALID_ID = "invalid id"
    INVALID_INSTANCE = "invalid instanceId"
    INVALID_TIME = "invalid time"
    NOT_DECIMAL = "value is not a plain decimal as text"
    TOO_MANY_DIGITS = "value has too many digits"
    NOT_ABOVE_ZERO = "value is not above zero"
    INVALID_PACKAGE = "invalid package"
    UNKNOWN_INSTANCE = "unknown instance"
    NOT_METERED = "instance is not pay-per-use"
    NOT_STARTED = "instance has not started"
    BEFORE_START = "before the instance started"
    AFTER_STOP = "after the instance was frozen or released"
    NO_WINDOW = "less than a second of its hour can be billed"
    IN_FUTURE = "in the future"
    TOO_LATE = "too late"
    CONFLICT = "conflict"


class EventRefused(Exception):
    """An event is not taken in."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def read_event(members: Any) -> UsageEvent:
    """The event in JSON ``members``.

    ``id`` and ``instanceId`` are printable, ``time`` is ISO 8601 with a zone, ``value`` a plain decimal as text or a
    whole number, ``package`` (optional) the instance id of the package it is taken from.

    :raises Refused: it is none. A member that is not known may be a misspelt ``package``, so it is refused too.
    """
    if not isinstance(members, Mapping) or not MEMBERS.issuperset(members):
        raise EventRefused(Reason.INVALID_EVENT)
    package = members.get("package")
    return UsageEvent(
        event_id=_text(members.get("id"), LONGEST_ID, Reason.INVALID_ID),
        instance_id=_text(members.get("instanceId"), LONGEST_INSTANCE_ID, Reason.INVALID_INSTANCE),
        time=_time(members.get("time")),
        value=_value(members.get("value")),
        package=None if package is None else _package(package),
    )


def place(event: UsageEvent, meter: Meter, now: datetime) -> Stored:
    """The event with the slot it is billed in.

    :raises Refused: the instance did not run at that time, or the time cannot be billed (section 2.4).
    """
    if (reason := _outside(event.time, meter, now)) is not None:
        raise EventRefused(reason)
    slot = slot_of(event.time, daily=meter.daily)
    if not stretch(slot, max(meter.started_at, earliest(now)), meter.closed_at or slot.end):
        raise EventRefused(Reason.NO_WINDOW)
    return Stored(event, slot)


def _outside(time: datetime, meter: Meter, now: datetime) -> Reason | None:
    if time > now + AHEAD:
        return Reason.IN_FUTURE
    if time < now - LATEST:
        return Reason.TOO_LATE
    if time < meter.started_at:
        return Reason.BEFORE_START
    stopped = meter.stopped_at is not None and time >= meter.stopped_at
    if stopped or any(begin <= time < end for begin, end in meter.pauses):
        return Reason.AFTER_STOP
    return None


def _text(value: Any, longest: int, reason: Reason) -> str:
    if isinstance(value, str) and 0 < len(value) <= longest and value.isprintable():
        return value
    raise EventRefused(reason)


def _package(value: Any) -> str:
    text = _text(value, LONGEST_INSTANCE_ID, Reason.INVALID_PACKAGE)
    if text == WHOLE:
        raise EventRefused(Reason.INVALID_PACKAGE)  # the ledger's own name for what is in no package
    return text


def _time(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        pass
    raise EventRefused(Reason.INVALID_TIME)


def _value(value: Any) -> Decimal:
    if type(value) is int:
        if abs(value) >= 10**MOST_DIGITS:
            raise EventRefused(Reason.TOO_MANY_DIGITS)
        value = str(value)
    number = _NUMBER.fullmatch(value) if isinstance(value, str) else None
    if number is None:
        raise EventRefused(Reason.NOT_DECIMAL)
    if len(number[1]) > MOST_DIGITS or len(number[2] or "") > MOST_DIGITS:
        raise EventRefused(Reason.TOO_MANY_DIGITS)
    if (amount := Decimal(number[0])) <= 0:
        raise EventRefused(Reason.NOT_ABOVE_ZERO)
    return amount
