"""Usage by the hour, as a chart shows it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from emulator.openapi.usage.hours import Hour, hours
from emulator.openapi.usage.instances import Bought
from emulator.openapi.usage.record import SentRecord
from emulator.openapi.usage.usage_records import UsageRecords
from shared.openapi.usage_push import UsageRecord
from tests.emulator.openapi.usage.seller import NOW, START, Seller, record


@pytest.fixture
def seller() -> Seller:
    return Seller()


def at(hour: int, day: int = 20) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def begun(sn: str, begin: str, value: str = "1.5", instance: str = "i-1") -> UsageRecord:
    return record(sn, instance, begin_time=f"20261120T{begin}Z", usage_value=Decimal(value))


def test_accepted_refused_and_billed(seller: Seller) -> None:
    seller.push(begun("a", "060000"), begun("b", "065959", "0.0001"), begun("c", "080000", "2"))
    seller.clock.set(NOW.replace(minute=15))
    seller.push(begun("a", "060000"))  # once more: its refusal takes nothing away
    seller.clock.advance(1)
    seller.push(begun("d", "080001", "4"), begun("e", "080001", "8"), begun("f", "075959", "0.00001"))
    assert seller.api.hours("i-1", at(0), at(23)) == [
        Hour(at(6), Decimal("1.5001"), Decimal(0), Decimal("1.5001")),
        Hour(at(7), refused=Decimal("0.00001")),
        Hour(at(8), Decimal(6), Decimal(0), Decimal(2)),
    ]
    assert seller.api.hours("i-2", at(0), at(23)) == []


def test_a_record_is_refused_once_however_often_it_came(seller: Seller) -> None:
    seller.api.instances.change("i-1", frozen=True)
    for _ in range(3):
        seller.push(begun("a", "060000"), begun("b", "061000", "2"))
    assert seller.api.hours("i-1", at(6), at(6)) == [Hour(at(6), refused=Decimal("3.5"))]
    seller.api.instances.change("i-1", frozen=False)
    seller.push(begun("b", "061000", "2"))
    found = Hour(at(6), accepted=Decimal(2), refused=Decimal("1.5"))
    assert seller.api.hours("i-1", at(6), at(6)) == [found]


def test_first_and_last_hour_are_included(seller: Seller) -> None:
    for hour in range(5, 9):
        seller.push(begun(f"{hour}", f"{hour:02}5959"))
    found = seller.api.hours("i-1", at(6) + timedelta(minutes=59, seconds=59, milliseconds=1), at(7))
    assert [hour.hour for hour in found] == [at(6), at(7)]


@pytest.mark.parametrize("begin", ["yesterday", "20261120T250000Z", "20261399T080000Z", "2026-11-20T08:00"])
def test_what_began_at_no_time_is_in_no_hour(seller: Seller, begin: str) -> None:
    assert seller.refusals(record(begin_time=begin)) == {"sn-1": "002"}
    assert seller.api.hours("i-1", START, at(23, 30)) == []
    assert seller.api.records.instances_seen() == ["i-1"]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1E+9", "-1", "１"])
def test_what_is_no_amount_has_its_hour_but_is_not_added(value: str) -> None:
    records = UsageRecords()
    records.refuse(SentRecord("i-1", "20261120T080000Z", "20261120T090000Z", "20261120T090200Z", value), "003", NOW)
    assert hours(records, "i-1", START, at(23), NOW) == [Hour(at(8))]


def test_daily_products_are_billed_in_the_evening(seller: Seller) -> None:
    seller.api.instances.register(Bought("day", START, daily=True))
    seller.push(begun("a", "080000", instance="day"))
    seller.clock.set(at(16))
    assert [hour.billed for hour in seller.api.hours("day", at(8), at(8))] == [0]
    seller.clock.set(at(17))
    assert [hour.billed for hour in seller.api.hours("day", at(8), at(8))] == [Decimal("1.5")]
