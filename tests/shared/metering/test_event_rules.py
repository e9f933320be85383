"""What an event must be like, and that whatever passes can be billed."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.metering.event_rules import AHEAD, LATEST, EventRefused, Reason, place, read_event
from shared.metering.events import UsageEvent
from shared.metering.meter import Meter
from shared.usage_limits import LATE_LIMIT

NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
STARTED = NOW - timedelta(days=40)
EVENT: dict[str, Any] = {"id": "e1", "instanceId": "meter-1", "time": "2026-11-20T08:00:00Z", "value": "1.5"}


def refusal(**changes: Any) -> Reason | None:
    try:
        read_event({**EVENT, **changes})
    except EventRefused as refused:
        return refused.reason
    return None


def placed(time: datetime, meter: Meter) -> Reason | None:
    try:
        place(UsageEvent("e1", meter.instance_id, time, Decimal(1)), meter, NOW)
    except EventRefused as refused:
        return refused.reason
    return None


def test_an_event_is_read():
    assert read_event({**EVENT, "package": "package-1"}) == UsageEvent(
        "e1", "meter-1", datetime(2026, 11, 20, 8, tzinfo=UTC), Decimal("1.5"), "package-1"
    )
    assert read_event({**EVENT, "package": None}).package is None


@pytest.mark.parametrize("members", [None, [], "event", 5, {**EVENT, "pakage": "package-1"}])
def test_what_is_no_event(members):
    with pytest.raises(EventRefused) as refused:
        read_event(members)
    assert refused.value.reason == Reason.INVALID_EVENT


@pytest.mark.parametrize("event_id", ["a", "#", "a#b c", "é用", "x" * 128])
def test_ids(event_id):
    assert read_event({**EVENT, "id": event_id}).event_id == event_id


@pytest.mark.parametrize("value", [None, "", 5, True, [], "x" * 129, "a\n", "\x00", "\u202e", "\ud800", "a\x7f"])
def test_what_is_no_id(value):
    assert refusal(id=value) == Reason.INVALID_ID
    assert refusal(instanceId=value) == Reason.INVALID_INSTANCE
    if value is not None:
        assert refusal(package=value) == Reason.INVALID_PACKAGE


def test_ids_of_instances_and_packages_are_shorter():
    assert refusal(instanceId="x" * 64, package="x" * 64) is None
    assert refusal(instanceId="x" * 65) == Reason.INVALID_INSTANCE
    assert refusal(package="x" * 65) == Reason.INVALID_PACKAGE
    assert refusal(package="-") == Reason.INVALID_PACKAGE


@pytest.mark.parametrize(
    "text",
    ["2026-11-20T08:00:00Z", "2026-11-20T16:00:00+08:00", "2026-11-20T08:00:00.000+00:00", "20261120T080000Z"],
)
def test_times_with_a_zone(text):
    assert read_event({**EVENT, "time": text}).time == datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        1790000000,
        "now",
        "2026-11-20",
        "2026-11-20T08:00:00",
        "2026-11-20T25:00:00Z",
        "0001-01-01T00:00:00+23:00",
        "9999-12-31T23:59:59-23:00",
        [],
    ],
)
def test_times_without_a_zone_and_no_times(value):
    assert refusal(time=value) == Reason.INVALID_TIME


@pytest.mark.parametrize(
    ("value", "number"),
    [("1", "1"), ("0.00000001", "0.00000001"), ("99999999.99999999", "99999999.99999999"), (7, "7"), ("007.50", "7.5")],
)
def test_values(value, number):
    assert read_event({**EVENT, "value": value}).value == Decimal(number)


NO_VALUES: dict[Reason, list[Any]] = {
    Reason.NOT_DECIMAL: [
        *("", "NaN", "Infinity", "1e3", "1.", ".5", "+1", "1,000", " 1", "1_0", "0x10", "\u0661", "1\n"),
        *(None, 1.5, float("nan"), True, []),
    ],
    Reason.TOO_MANY_DIGITS: ["100000000", 10**8, -(10**4000), 10**5000, "0.123456789", "-100000000"],
    Reason.NOT_ABOVE_ZERO: ["0", 0, "0.00", "-0", "-1.5", -3],
}


@pytest.mark.parametrize("reason", NO_VALUES)
def test_what_is_no_value(reason):
    assert {refusal(value=value) for value in NO_VALUES[reason]} == {reason}


@given(st.text(), st.text(), st.text(), st.text() | st.floats() | st.integers(), st.none() | st.text())
def test_anything_is_read_or_refused(event_id, instance_id, time, value, package):
    members = {"id": event_id, "instanceId": instance_id, "time": time, "value": value, "package": package}
    with suppress(EventRefused):
        event = read_event(members)
        assert (event.event_id, event.instance_id, event.package) == (event_id, instance_id, package)
        assert event.value > 0


METER = Meter("meter-1", STARTED)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("time", "meter", "reason"),
    [
        (NOW, METER, None),
        (NOW + AHEAD, METER, None),
        (NOW + AHEAD + SECOND, METER, Reason.IN_FUTURE),
        (datetime.max.replace(tzinfo=UTC), METER, Reason.IN_FUTURE),
        (NOW - LATEST, METER, None),
        (NOW - LATEST - SECOND, METER, Reason.TOO_LATE),
        (NOW - LATE_LIMIT, METER, Reason.TOO_LATE),
        (datetime.min.replace(tzinfo=UTC), METER, Reason.TOO_LATE),
        (NOW, Meter("meter-1", NOW), None),
        (NOW - SECOND, Meter("meter-1", NOW), Reason.BEFORE_START),
        (NOW - SECOND, Meter("meter-1", STARTED, stopped_at=NOW), None),
        (NOW, Meter("meter-1", STARTED, stopped_at=NOW), Reason.AFTER_STOP),
        (NOW, Meter("meter-1", STARTED, closed_at=NOW, stopped_at=NOW), Reason.AFTER_STOP),
        (NOW - SECOND, Meter("meter-1", STARTED, pauses=((NOW, NOW + SECOND),)), None),
        (NOW, Meter("meter-1", STARTED, pauses=((NOW, NOW + SECOND),)), Reason.AFTER_STOP),
        (NOW, Meter("meter-1", STARTED, pauses=((NOW - SECOND, NOW),)), None),
        (NOW, Meter("meter-1", STARTED, pauses=((NOW, NOW + SECOND), (NOW - SECOND, NOW))), Reason.AFTER_STOP),
    ],
)
def test_when_an_event_may_have_been(time, meter, reason):
    assert placed(time, meter) == reason


def test_the_last_fraction_of_a_second_of_an_hour_cannot_be_billed():
    started = NOW.replace(hour=7, minute=59, second=59, microsecond=500_000)
    assert placed(started, Meter("meter-1", started)) == Reason.NO_WINDOW
    closed = NOW.replace(minute=0, microsecond=500_000)
    meter = Meter("meter-1", STARTED, closed_at=closed, stopped_at=closed)
    assert placed(closed - timedelta(microseconds=1), meter) == Reason.NO_WINDOW


moments = st.integers(-31 * 24 * 60, 10).map(lambda minutes: NOW + timedelta(minutes=minutes))


@given(moments, moments, st.none() | moments, st.booleans())
def test_what_passes_can_still_be_billed_ten_hours_later(time, started, closed, daily):
    meter = Meter("meter-1", started, closed, closed, daily)
    try:
        stored = place(UsageEvent("e1", "meter-1", time, Decimal(1)), meter, NOW)
    except EventRefused:
        return
    assert stored.slot.begin <= time < stored.slot.end
    assert meter.stretch(stored.slot, max(NOW, stored.slot.end) + timedelta(hours=10))
