"""Reconciliation: what is told of each day, and that it agrees with what the marketplace has."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.metering.reconciliation.comparison import Day, SlotUse, day_of, plain
from shared.metering.records import Record, RecordState
from shared.metering.slots import HOUR, Slot

DAY = date(2026, 11, 20)
SLOT = Slot(datetime(2026, 11, 20, 8, tzinfo=UTC), datetime(2026, 11, 20, 9, tzinfo=UTC))
NEXT = Slot(SLOT.end, SLOT.end + HOUR)
SEALED = SLOT.end + timedelta(minutes=5)
NOW = SLOT.end + timedelta(hours=3)


def record(
    value: str = "1", state: RecordState = RecordState.ACCEPTED, number: int = 0, repair: int = 0, **more: Any
) -> Record:
    fields: dict[str, Any] = {
        "instance_id": "meter-1",
        "slot": SLOT.key,
        "begin": SLOT.begin,
        "end": SLOT.end,
        "value": Decimal(value),
        "exact": Decimal(value),
        "package": None,
        "product_id": None,
        "sealed_at": SEALED,
    }
    return Record(**fields | {"number": number, "repair": repair, "state": state} | more)


def told(*records: Record, ingested: str = "1") -> Any:
    return day_of("meter-1", DAY, [SlotUse(SLOT, Decimal(ingested), records)])


def test_nothing():
    day = day_of("meter-1", DAY, [])
    assert day == Day("meter-1", DAY)
    assert (day.empty, day.drift, day.drifts) == (True, None, False)


def test_an_accepted_record():
    day = told(record("1"))
    assert day == Day("meter-1", DAY, ingested=Decimal(1), billed=Decimal(1), accepted=Decimal(1))
    assert not day.empty


@pytest.mark.parametrize("state", [RecordState.SEALED, RecordState.SENT, RecordState.HELD])
def test_an_open_record_is_pending_since_its_slot_was_over(state):
    day = told(record("1", state))
    assert (day.billed, day.accepted, day.pending, day.pending_since) == (1, 0, 1, SLOT.end)
    assert day.members(NOW)["oldestPendingSeconds"] == 3 * 3600


def test_events_that_are_in_no_record_are_pending():
    day = told(record("1"), ingested="3.5")
    assert (day.pending, day.pending_since) == (Decimal("2.5"), SLOT.end)


def test_the_oldest_counts():
    slots = [SlotUse(NEXT, Decimal(1), []), SlotUse(SLOT, Decimal(2), [])]
    assert day_of("meter-1", DAY, slots).pending_since == SLOT.end
    assert day_of("meter-1", DAY, slots[:1]).pending_since == NEXT.end


def test_of_records_that_took_over_only_the_last_one_counts():
    replaced = record("1", RecordState.REPLACED)
    assert told(replaced, record("1", repair=1)).billed == 1
    assert told(replaced, record("1", RecordState.REPLACED, repair=1), record("1", repair=2)).accepted == 1
    pending = told(replaced)
    assert (pending.billed, pending.pending, pending.pending_since) == (1, 1, SLOT.end), "its successor is on the way"
    dead = told(replaced, record("1", RecordState.DEAD, repair=1, code="011"))
    assert (dead.refused, dead.pending) == ({"011": 1}, 0)


def test_what_is_refused_is_told_by_code():
    records = [
        record("1", RecordState.DEAD, code="006"),
        record("2", RecordState.DEAD, number=1, code="006"),
        record("4", RecordState.DEAD, number=2, code="too late"),
        record("8", RecordState.DEAD, number=3),
        record("16", number=4),
    ]
    day = told(*records, ingested="31")
    assert day.refused == {"006": 3, "too late": 4, "unknown": 8}
    assert (day.billed, day.accepted, day.pending) == (31, 16, 0)
    assert not day.drifts


def test_late_is_what_was_sealed_after_the_first_time():
    at_once = record("1", number=1, package="package-1", sealed_at=SEALED + timedelta(seconds=2))
    later = record("2", number=2, sealed_at=SEALED + timedelta(hours=1))
    repaired = record("4", RecordState.REPLACED, number=3, sealed_at=SEALED + timedelta(hours=2))
    successor = record("4", number=3, repair=1, sealed_at=SEALED + timedelta(hours=3))
    in_time = record("8", RecordState.REPLACED), record("8", repair=1, sealed_at=SEALED + timedelta(hours=1))
    assert told(at_once, later, repaired, successor, *in_time).late == 6


def test_a_carried_remainder_is_not_pending():
    day = told(record("0", RecordState.CARRIED, exact=Decimal("0.00003")), ingested="0.00003")
    assert (day.billed, day.pending, day.pending_since) == (0, 0, None)


def test_more_billed_than_the_events_say_is_drift():
    day = told(record("2.5"), ingested="1")
    assert (day.excess, day.pending, day.drifts) == (Decimal("1.5"), 0, True)


@pytest.mark.parametrize(("bill", "drift"), [("1", "0"), ("0", "-1"), ("1.0001", "0.0001")])
def test_the_bill_against_what_was_accepted(bill, drift):
    day = day_of("meter-1", DAY, [SlotUse(SLOT, Decimal(1), [record("1")])], Decimal(bill))
    assert day.drift == Decimal(drift)
    assert day.drifts is (Decimal(drift) != 0)


def test_json_is_plain_and_stable():
    day = day_of("meter-1", DAY, [SlotUse(SLOT, Decimal("3E+2"), [record("1.5000")])], Decimal("1.50"))
    assert list(day.members(NOW).items()) == [
        ("instanceId", "meter-1"),
        ("day", "2026-11-20"),
        ("ingested", "300"),
        ("billed", "1.5"),
        ("accepted", "1.5"),
        ("refused", {}),
        ("late", "0"),
        ("pending", "298.5"),
        ("oldestPendingSeconds", 10800),
        ("excess", "0"),
        ("bill", "1.5"),
        ("drift", "0"),
    ]
    assert plain(Decimal("0.0000")) == "0"


amounts = st.integers(1, 1000).map(lambda number: Decimal(number) / 100)
states = st.sampled_from(
    [
        RecordState.SEALED,
        RecordState.SENT,
        RecordState.HELD,
        RecordState.ACCEPTED,
        RecordState.DEAD,
        RecordState.REPLACED,
    ]
)


@given(st.lists(st.tuples(amounts, states), max_size=6), st.lists(amounts, max_size=3))
def test_every_unit_is_in_one_place(sealed, unsealed):
    records = [record(str(value), state, number) for number, (value, state) in enumerate(sealed)]
    ingested = sum((value for value, _ in sealed), Decimal(0)) + sum(unsealed, Decimal(0))
    day = told(*records, ingested=str(ingested))
    assert day.ingested == day.accepted + sum(day.refused.values()) + day.pending
    assert day.excess == 0
