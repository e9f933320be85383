"""What a provisioner may tell about usage: one rule for Python and for the webhook."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.commands import InstanceInfo
from shared.errors import ProvisioningError
from shared.protocol.answer import usage_info
from shared.provisioning import Package, Usage
from shared.provisioning.usage import check_packages, check_usage, told

GOOD = Usage(Decimal("12.5"), datetime(2026, 11, 20, 8, tzinfo=UTC), "business-sms", "https://a.example/usage")

VALUES: list[Any] = [
    None, True, 1.5, float("nan"), "", "many", "-1", -1, "1.23456", "100000000", 10**8, 10**4000, "NaN", "sNaN",
    "Infinity", "1e999999999", "1E+99999999999999999999", Decimal("NaN"), Decimal("-0.0001"), Decimal("1e30"),
    Decimal(123456789012345), [], b"1",
]  # fmt: skip
MOMENTS: list[Any] = [
    None, 1764000000, "", "yesterday", "2026-11-20T08:00:00", "0001-01-01T00:00:00+14:00", "0700-01-01T00:00:00Z",
    datetime(2026, 11, 20),  # noqa: DTZ001 - without zone is the point
    datetime.max.replace(tzinfo=timezone(-timedelta(hours=8))),
]  # fmt: skip
RELATED: list[Any] = ["x" * 65, 5, "a\nb", "\ud800"]
DASHBOARDS: list[Any] = [
    "https://a.example/" + "x" * 600, "javascript:1", "http://", "https://a.example/\n", "https://例.example", 5, "//a"
]  # fmt: skip
WRONG = [
    *(("value", value) for value in VALUES),
    *(("measured_at", moment) for moment in MOMENTS),
    *(("related_instance_id", related) for related in RELATED),
    *(("dashboard_url", dashboard) for dashboard in DASHBOARDS),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_the_field_is_named_and_its_value_is_not(name: str, value: Any) -> None:
    with pytest.raises(ProvisioningError, match=f"^{name} must be ") as caught:
        check_usage(replace(GOOD, **{name: value}))
    assert str(caught.value).isascii()


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_what_is_wrong_is_left_out_and_the_others_are_told(name: str, value: Any) -> None:
    good, wrong = told([GOOD, replace(GOOD, **{name: value}), GOOD])
    left = [replace(GOOD, dashboard_url=None)] if name == "dashboard_url" else []
    assert list(good) == [GOOD, *left, GOOD]
    assert [reason.partition(" must")[0] for reason in wrong] == [f"usage[1]: {name}"]


def test_what_is_no_usage() -> None:
    assert told([None, 5, {"value": 1}]) == ((), tuple(f"usage[{number}]: it is no Usage" for number in range(3)))


@pytest.mark.parametrize("value", ["99999999.9999", 7, "0", Decimal("-0"), "1.50000", Decimal("1e7")])
def test_values_that_fit(value: Any) -> None:
    checked = check_usage(replace(GOOD, value=value)).value
    assert checked == Decimal(value)
    assert not checked.is_signed()


def test_a_moment_becomes_utc_and_empty_texts_count_as_absent() -> None:
    east = datetime(2026, 11, 20, 16, tzinfo=timezone(timedelta(hours=8)))
    checked = check_usage(Usage(Decimal(1), east, "", ""))
    assert checked == Usage(Decimal(1), datetime(2026, 11, 20, 8, tzinfo=UTC))
    assert checked.measured_at.tzinfo is UTC


PACKAGE = Package("package-1", Decimal(10), datetime(2026, 12, 1, tzinfo=UTC))


def test_packages_are_passed_on() -> None:
    assert check_packages([PACKAGE, Package("package-2", 5)]) == (PACKAGE, Package("package-2", Decimal(5)))  # type: ignore[arg-type]
    assert check_packages([]) == ()


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        (None, "it is no Package"),
        (replace(PACKAGE, instance_id=""), "instance_id must"),
        (replace(PACKAGE, instance_id="x" * 65), "instance_id must"),
        (replace(PACKAGE, instance_id=cast(Any, 5)), "instance_id must"),
        *(
            (replace(PACKAGE, quota=cast(Any, quota)), "quota must")
            for quota in (Decimal("NaN"), Decimal(-1), 1.5, None, True)
        ),
        (replace(PACKAGE, expires_at=datetime(2026, 12, 1)), "expires_at must"),  # noqa: DTZ001 - that is the point
        (PACKAGE, "instance_id must not stand there twice"),
    ],
)
def test_a_package_that_is_wrong_is_named(wrong: Any, text: str) -> None:
    with pytest.raises(ProvisioningError, match=rf"^packages\[1\]: {text}"):
        check_packages([PACKAGE, wrong])


anything = st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text() | st.datetimes()


@given(anything, anything | st.datetimes(timezones=st.timezones()), anything, anything)
def test_whatever_is_told_can_be_sent(value: Any, moment: Any, related: Any, dashboard: Any) -> None:
    good, wrong = told([Usage(value, moment, related, dashboard)])
    assert len(good) + len(wrong) >= 1
    for usage in InstanceInfo("instance", None, good).usage:
        members = usage_info(usage)
        assert 0 <= members["usageValue"] <= 99999999.9999
        assert len(members["statisticalTime"]) == 17
        assert len(members.get("dashboardUrl", "")) <= 512
