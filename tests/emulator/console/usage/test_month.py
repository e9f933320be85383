"""A month in one click: used hour by hour, uploaded, billed, reconciled; stopped, and gone on with."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.clock import BEIJING
from emulator.console.clock.mover import Mover
from emulator.console.usage.curve import SHAPES, CurvePoint, amount
from emulator.console.usage.days import KnownUse, UsedDay, days, months
from emulator.console.usage.downloads import month_of
from emulator.console.usage.month import SimulatedUse
from emulator.console.usage.used import HOUR, used
from emulator.marketplace.subscriptions.subscription import Subscription
from emulator.openapi.usage.hours import Hour
from emulator.seller.timers import SellerTimers
from shared.metering.reconciliation.bill import read_bill
from shared.metering.reconciliation.order_bill import read_order_bill
from shared.metering.reconciliation.spreadsheet import text_sheets
from tests.emulator.console.world import ConsoleWorld
from tests.emulator.console.world import world as make_world

FIRST = datetime(2026, 11, 22, 0, tzinfo=UTC)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with make_world(tmp_path) as made:
        market = made.market
        SellerTimers(made.console.seller, market.agenda, market.clock).start()
        yield made


@pytest.fixture
def mine(world: ConsoleWorld) -> Subscription:
    world.clock.set(world.clock.now().replace(minute=10, second=0) + HOUR)
    return world.bought("pay-per-use-v2")


def simulated(world: ConsoleWorld) -> SimulatedUse:
    return cast("SimulatedUse", world.client.application.extensions["simulated use"])


def begun(world: ConsoleWorld, mine: Subscription, **form: str) -> str:
    """The page when the clock has arrived."""
    given = {"instance": mine.instance_id, "length": "day", "shape": "flat", "most": "10", "seed": "1", **form}
    assert world.client.post("/usage/month", data=given).status_code == 303
    mover = cast("Mover", world.client.application.extensions["clock mover"])
    while mover.moving:
        pass
    return world.client.get(f"/usage/{mine.instance_id}").text


def total(world: ConsoleWorld, mine: Subscription) -> Decimal:
    return sum((each.value for each in used(world.market.database, mine.instance_id).values()), Decimal(0))


def test_a_day_is_used_billed_and_reconciled(world: ConsoleWorld, mine: Subscription) -> None:
    page = begun(world, mine)
    assert "24 of 24 hours were used" in page
    assert world.context.usage
    seller, bill = world.console.seller, world.context.usage.bill(instance_id=mine.instance_id)
    assert len(bill) == 24
    assert sum(each.usage_value for each in bill) == total(world, mine) == seller.used(mine.instance_id)
    month = month_of(bill[0].begin_time)
    files = [world.client.get(f"/usage/{mine.instance_id}/bill.csv?month={each}").text for each in (month, "2020-01")]
    lines = read_bill(text_sheets(files[0]), {}, BEIJING)
    assert lines
    assert {each.begin.strftime("%Y%m%dT%H%M%SZ") for each in lines} <= {each.begin_time for each in bill}
    assert read_bill(text_sheets(files[1]), {}, BEIJING) == []
    orders = read_order_bill(text_sheets(world.client.get(f"/usage/orders.csv?month={month}").text), {})
    assert orders.keys() <= {mine.order_id}


def test_what_is_refused_is_named(world: ConsoleWorld, mine: Subscription) -> None:
    world.market.switches.inject("usage-some-refused", 1)
    assert re.search(r"refused by the marketplace \(006\)", begun(world, mine))


def test_an_hour_that_is_posted_again_counts_once(world: ConsoleWorld, mine: Subscription) -> None:
    """The process died after the intake had answered, before that was noted."""
    simulation = simulated(world)
    plan = simulation.start(mine.instance_id, "flat", Decimal(10), 1, 24)
    world.market.advance(HOUR * 2)
    done = simulation.plan(mine.instance_id)
    assert done
    assert done.done > plan.done
    before = world.console.seller.used(mine.instance_id)
    world.market.database.put(plan)
    simulation.resume(mine.instance_id)
    world.market.run_due()
    assert world.console.seller.used(mine.instance_id) == before


def test_stopped_nothing_more_is_used(world: ConsoleWorld, mine: Subscription) -> None:
    simulated(world).start(mine.instance_id, "flat", Decimal(10), 1, 24)
    world.market.advance(HOUR * 3)
    world.client.post(f"/usage/{mine.instance_id}/month/stop")
    before = total(world, mine)
    world.market.advance(HOUR * 3)
    assert total(world, mine) == before == world.console.seller.used(mine.instance_id)


def test_an_intake_that_does_not_answer_is_asked_again(world: ConsoleWorld, mine: Subscription) -> None:
    simulated(world).start(mine.instance_id, "flat", Decimal(10), 1, 3)
    world.close("/saas/usage")
    world.market.advance(HOUR * 2)
    assert "is asked again" in world.client.get(f"/usage/{mine.instance_id}").text
    world.closed.clear()
    world.market.advance(HOUR * 3)
    assert len(used(world.market.database, mine.instance_id)) == 3


@pytest.mark.parametrize("wrong", [{"most": "0"}, {"shape": "none"}, {"length": "year"}, {"instance": "unknown"}])
def test_misfilled(world: ConsoleWorld, mine: Subscription, wrong: dict[str, str]) -> None:
    begun(world, mine, **wrong)
    assert simulated(world).plan(mine.instance_id) is None


def test_a_server_elsewhere_must_report_itself(world: ConsoleWorld, mine: Subscription) -> None:
    world.context.application = world.context.seller = None
    page = world.client.get(f"/usage/{mine.instance_id}").text
    assert "its own application must report usage" in page
    assert 'id="use-month"' not in page


@given(st.sampled_from(sorted(SHAPES)), st.integers(), st.integers(0, 719), st.decimals("0.001", "99999999", places=3))
def test_a_curve_is_the_same_each_time_and_within_its_bounds(shape: str, seed: int, hour: int, most: Decimal) -> None:
    point = CurvePoint(FIRST + hour * HOUR, hour / 720)
    value = amount(shape, seed, point, most)
    assert value == amount(shape, seed, point, most)
    assert Decimal("0.0001") <= value <= most


def test_days_are_those_of_beijing() -> None:
    at = FIRST + timedelta(hours=15)
    hours = [Hour(at, Decimal(3), Decimal(1), Decimal(2)), Hour(at + HOUR, Decimal(4), Decimal(0), Decimal(4))]
    known = KnownUse({at: Decimal(6), at + HOUR: Decimal(5)}, {at + HOUR: Decimal(1)}, {at: "006"})
    found = days(hours, known)
    assert [(each.day, each.difference) for each in found] == [
        (date(2026, 11, 22), Decimal(4)),
        (date(2026, 11, 23), Decimal(1)),
    ]
    assert list(found[0].reasons()) == [("refused", Decimal(1)), ("uncollected", Decimal(1)), ("open", Decimal(2))]
    assert list(found[1].reasons()) == [("waiting", Decimal(1))]
    assert found[0].codes == ["006"]
    assert [each.difference for each in months(found)] == [Decimal(5)]


@given(*[st.decimals(0, 1000, places=4)] * 4)
def test_the_reasons_add_up_to_the_difference(
    used_: Decimal, accepted: Decimal, refused: Decimal, late: Decimal
) -> None:
    day = UsedDay(date(2026, 11, 22), used_, accepted, accepted / 2, refused, late)
    assert sum(value for _, value in day.reasons()) == day.difference
