"""The ledger by itself: a call seals all that is due, whoever gets in its way, and knows what is in no record."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.errors import Unavailable
from shared.metering.due import MOST_PENDING
from shared.metering.events import UsageEvent
from shared.metering.ledger import Ledger
from shared.metering.meter import Meter, Wanted
from shared.metering.records import Record, RecordState
from shared.metering.room import TIME_RANGE
from shared.metering.slots import Slot, slot_of
from shared.provisioning import Package
from shared.usage_limits import MOST
from tests.shared.metering.market import START, Losing, Metering

SLOT = slot_of(START, daily=False)
NEXT = slot_of(SLOT.end, daily=False)


@pytest.fixture
def world(tmp_path: Path) -> Metering:
    """Some hours after :data:`NEXT`."""
    world = Metering(tmp_path)
    world.open("meter")
    world.clock.advance(timedelta(hours=5))
    return world


def used(world: Metering, slot: Slot, value: Decimal | int) -> None:
    """An event in ``slot``."""
    world.use(UsageEvent(f"event-{slot.key}", "meter", slot.end - timedelta(minutes=1), Decimal(value)))


def wanted(world: Metering, *slots: Slot) -> list[Wanted]:
    return [Wanted(world.meters["meter"], slot) for slot in slots]


def losing(world: Metering) -> Ledger:
    """A ledger that does not hear whether its accounts are stored."""
    table: Any = Losing(world.tables.table("billing"))
    return Ledger(table, world.events(), world.records(), world.clock)


def refused(world: Metering, code: str) -> Record:
    """The record of :data:`SLOT`, refused with ``code``."""
    used(world, SLOT, 1)
    ((record,), _) = world.ledger().seal(wanted(world, SLOT))
    return replace(record, code=code)


def test_what_is_sealed_is_not_sealed_or_written_again(world: Metering) -> None:
    used(world, SLOT, 1)
    ledger = world.ledger()
    assert len(ledger.seal(wanted(world, SLOT))[0]) == 1
    account = ledger.account("meter")
    assert ledger.seal(wanted(world, SLOT)) == ([], set())
    assert ledger.account("meter") == account


def test_of_what_may_be_stored_nothing_is_sealed_until_it_is_looked_at_again(world: Metering) -> None:
    used(world, SLOT, 1)
    assert losing(world).seal(wanted(world, SLOT)) == ([], {("meter", SLOT)})
    assert world.ledger().seal(wanted(world, SLOT)) == ([], set())
    assert [record.exact for record in world.records().of_slot("meter", SLOT)] == [1]


def test_what_another_run_gets_in_the_way_of_is_sealed_by_the_same_call(world: Metering) -> None:
    used(world, SLOT, 1)
    used(world, NEXT, 2)

    def meanwhile(table: str, method: str) -> None:
        if (table, method) == ("billing", "create"):
            world.tables.before = lambda _table, _method: None
            assert [record.exact for record in world.ledger().seal(wanted(world, NEXT))[0]] == [2]

    world.tables.before = meanwhile
    records, unsure = world.ledger().seal(wanted(world, SLOT, NEXT))
    assert [(record.slot, record.exact) for record in records] == [(SLOT.key, Decimal(1))]
    assert not unsure
    assert world.ledger().account("meter").total == {"-": 3}


def test_more_records_than_an_account_holds_are_sealed_by_the_same_call(world: Metering) -> None:
    due = MOST * (MOST_PENDING + 5)
    used(world, SLOT, due)
    used(world, NEXT, 2)
    records, unsure = world.ledger().seal(wanted(world, SLOT, NEXT))
    assert len(records) > MOST_PENDING + 5
    assert sum(record.exact for record in records) == due + 2
    assert not unsure


@pytest.mark.parametrize(("quota", "left"), [(12, 0), (10, 2)])
def test_what_waits_is_in_no_record_though_these_are_not_stored_yet(world: Metering, quota: int, left: int) -> None:
    used(world, SLOT, 12)
    meter = Meter("meter", START - timedelta(days=1), packages=(Package("package", Decimal(quota)),))
    assert world.ledger().waiting(meter, SLOT) == 12
    world.ledger().seal([Wanted(meter, SLOT)])
    assert world.ledger().waiting(meter, SLOT) == left


@pytest.mark.parametrize("code", [TIME_RANGE, "010"])
def test_a_refused_record_has_one_successor_however_often_it_is_asked_for(world: Metering, code: str) -> None:
    record = refused(world, code)
    successors = [world.ledger().succeed(world.meters["meter"], record) for _ in range(2)]
    assert successors == world.records().of_slot("meter", SLOT)[1:] * 2
    [successor] = successors[:1]
    assert (successor.number, successor.repair, successor.exact) == (record.number, 1, record.exact)
    assert (successor.end < record.end) is (code == TIME_RANGE), "only a window that was too long becomes shorter"


def test_what_is_no_instance_that_can_be_billed_has_a_dead_successor(world: Metering) -> None:
    successor = world.ledger().succeed(None, refused(world, "010"))
    assert (successor.repair, successor.state) == (1, RecordState.DEAD)


def test_a_successor_that_another_run_gets_in_the_way_of_is_stored_all_the_same(world: Metering) -> None:
    record = refused(world, "010")
    used(world, NEXT, 2)

    def meanwhile(table: str, method: str) -> None:
        if (table, method) == ("billing", "replace"):
            world.tables.before = lambda _table, _method: None
            world.ledger().seal(wanted(world, NEXT))

    world.tables.before = meanwhile
    successor = world.ledger().succeed(world.meters["meter"], record)
    assert world.records().of_slot("meter", SLOT)[1:] == [successor]


def test_a_successor_that_may_be_stored_is_asked_for_again(world: Metering) -> None:
    record = refused(world, "010")
    with pytest.raises(Unavailable, match=r"^the answer was lost$"):
        losing(world).succeed(world.meters["meter"], record)
    assert world.ledger().succeed(world.meters["meter"], record).repair == 1
    assert len(world.records().of_slot("meter", SLOT)) == 2
