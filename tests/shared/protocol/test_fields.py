"""Types of the parameters: what is accepted, what it becomes, what an error says."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.errors import InvalidParameter
from shared.protocol.fields import Amount, Count, Fields, Id, Local, Price, Switch, read, utc
from shared.protocol.production.instance_ids import InstanceIds
from shared.protocol.times import moment


class Sample(Fields):
    """One of each."""

    order_id: Id | None = None
    amount: Count | None = None
    order_amount: Amount | None = None
    price: Price | None = None
    trial_flag: Switch = False
    expire_time: Local | None = None
    instance_id: InstanceIds | None = None


def value(name: str, given: Any) -> Any:
    """What ``given`` becomes under its name on the wire."""
    attribute = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    return getattr(read(Sample, {name: given}), attribute)


@pytest.mark.parametrize(
    ("name", "given", "becomes"),
    [
        ("orderId", "CS1906666666ABCDE", "CS1906666666ABCDE"),
        ("orderId", "x" * 64, "x" * 64),
        ("orderId", 12345678901234567890, "12345678901234567890"),
        ("orderId", "", None),
        ("orderId", None, None),
        ("amount", "0", 0),
        ("amount", "0030", 30),
        ("amount", 9_999_999, 9_999_999),
        ("orderAmount", "-99.123", Decimal("-99.123")),
        ("orderAmount", "0", Decimal(0)),
        ("price", "0.0000001", Decimal("0.0000001")),
        ("trialFlag", "1", True),
        ("trialFlag", 0, False),
        ("trialFlag", "", False),
        ("trialFlag", True, True),
        ("trialFlag", "False", False),
        ("expireTime", "20271120235959", datetime(2027, 11, 20, 23, 59, 59)),  # noqa: DTZ001 - the text has no zone
        ("expireTime", 20271120235959, datetime(2027, 11, 20, 23, 59, 59)),  # noqa: DTZ001
        ("instanceId", "a", ("a",)),
        ("instanceId", "b, a,,b ,c", ("b", "a", "c")),
        ("instanceId", ["a", "b"], ("a", "b")),
    ],
)
def test_what_a_value_becomes(name, given, becomes):
    assert value(name, given) == becomes


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("orderId", "x" * 65),
        ("orderId", "two words"),
        ("orderId", "a\n"),
        ("orderId", True),
        ("amount", True),
        ("amount", "-0"),
        ("amount", "+1"),
        ("amount", " 1"),
        ("amount", 10_000_000),
        ("amount", 1.5),
        ("price", "-0.01"),
        ("price", "NaN"),
        ("orderAmount", "1e30"),
        ("trialFlag", "yes"),
        ("expireTime", "2027112023595"),
        ("instanceId", ",,"),
        ("instanceId", 5),
        ("instanceId", ",".join(f"id{index}" for index in range(101))),
    ],
)
def test_what_is_refused_is_named_and_not_shown(name, given):
    with pytest.raises(InvalidParameter, match=f"^{name}(.0)? is missing or malformed$") as refused:
        read(Sample, {name: given})
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None


@pytest.mark.parametrize("fields", [None, [], "text", 5])
def test_what_is_no_object_is_refused(fields):
    with pytest.raises(InvalidParameter, match=r"^a parameter is missing or malformed$"):
        read(Sample, fields)


def test_unknown_parameters_are_ignored():
    assert read(Sample, {"brandNew": {"deep": [1]}, "orderId": "CS1"}).order_id == "CS1"


@pytest.mark.parametrize(
    ("text", "microsecond"), [("20221124023618", 0), ("20221124023618256", 256_000), ("20221124023618007", 7000)]
)
def test_a_moment_with_and_without_milliseconds(text, microsecond):
    assert moment(text) == datetime(2022, 11, 24, 2, 36, 18, microsecond)  # noqa: DTZ001 - the text has no zone


@pytest.mark.parametrize(
    "text", ["", "2022112402361", "202211240236182", "2022112402361８", "20221324023618", "x" * 14]
)
def test_what_is_no_moment(text):
    with pytest.raises(ValueError, match=r"."):
        moment(text)


def test_digits_that_are_utc():
    assert utc(moment("20221124023618")).isoformat() == "2022-11-24T02:36:18+00:00"
