"""A month in one click: used hour by hour, uploaded, billed, reconciled; stopped, and gone on with."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import enumerate as enumerate_threads

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.console.times import parsed
from emulator.console.usage.amounts import exact
from emulator.console.usage.curve import SHAPES, CurvePoint, amount
from emulator.console.usage.days import KnownUse, UsedTime, days, months
from emulator.console.usage.months import Curve, SimulatedMonth, SimulatedMonths
from emulator.console.usage.used import HOUR, used
from emulator.marketplace.catalogue.products import ListedProduct, Plan
from emulator.marketplace.subscriptions.subscription import Subscription
from emulator.openapi.usage.hours import Hour
from emulator.seller.timers import SellerTimers
from emulator.texts import texts
from shared.clock import BEIJING, month_of
from shared.commands import Version
from shared.metering.reconciliation.bill import read_bill
from shared.metering.reconciliation.order_bill import read_order_bill
from shared.metering.reconciliation.spreadsheet import text_sheets
from shared.provisioning import Charging
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


def begin(world: ConsoleWorld, mine: Subscription, hours: int) -> str:
    """Begin a month whose hours pass as the test moves the clock; its number."""
    return SimulatedMonths(world.market).start(mine.instance_id, Curve("flat", Decimal(10)), hours).id


def latest(world: ConsoleWorld) -> SimulatedMonth:
    return world.market.database.all(SimulatedMonth, newest=1)[0]


def page_of(world: ConsoleWorld) -> str:
    return world.client.get(f"/usage/months/{latest(world).id}").text


def begun(world: ConsoleWorld, instance: str, **form: str) -> str:
    """The page when the clock has arrived."""
    given = {"instance": instance, "length": "day", "shape": "flat", "most": "10", "seed": "1", **form}
    answer = world.client.post("/usage/months", data=given)
    if answer.status_code == 422:
        return answer.text
    for thread in enumerate_threads():
        if thread.name == "clock-mover":
            thread.join()
    return world.client.get(answer.headers["Location"]).text


def figures(page: str) -> list[str]:
    """Used, billed, accepted and billed later, refused, not uploaded yet."""
    found = re.search(r'<dl class="figures adding">(.*?)</dl>', page, re.DOTALL)
    assert found
    return [re.sub(r"<[^>]+>", "", each) for each in re.findall(r"<dd>(.*?)</dd>", found[1])]


def total(world: ConsoleWorld, mine: Subscription) -> Decimal:
    return sum((each.value for each in used(world.market.database, mine.instance_id).values()), Decimal(0))


def test_a_day_is_used_billed_and_reconciled(world: ConsoleWorld, mine: Subscription) -> None:
    page = begun(world, mine.instance_id)
    assert "24 of 24 hours were used" in page
    assert "All that was used is billed, to the last digit." in page
    assert world.context.usage
    seller, bill = world.console.seller, world.context.usage.bill(instance_id=mine.instance_id)
    assert len(bill) == 24
    billed = sum((each.usage_value for each in bill), Decimal(0))
    assert billed == total(world, mine) == seller.used(mine.instance_id)
    assert figures(page) == [exact(billed), exact(billed), "0", "0", "0"]
    month = month_of(parsed(bill[0].begin_time))
    assert f"/usage/{mine.instance_id}/bill.csv?month={month}" in page
    files = [world.client.get(f"/usage/{mine.instance_id}/bill.csv?month={each}").text for each in (month, "2020-01")]
    lines = read_bill(text_sheets(files[0]), {}, BEIJING)
    assert lines
    assert {each.begin.strftime("%Y%m%dT%H%M%SZ") for each in lines} <= {each.begin_time for each in bill}
    assert read_bill(text_sheets(files[1]), {}, BEIJING) == []
    orders = read_order_bill(text_sheets(world.client.get(f"/usage/orders.csv?month={month}").text), {})
    assert orders.keys() <= {mine.order_id}
    world.client.post(f"/usage/{mine.instance_id}/use", data={"value": "7"})
    assert figures(page_of(world)) == figures(page), "what is used later changes nothing behind the link"


def test_ones_own_product_is_bought_first(world: ConsoleWorld) -> None:
    own = ListedProduct(
        id="gauge",
        name="Gauge",
        charging=Charging.ON_DEMAND,
        version=Version.V2,
        plans=(Plan(id="p", name="Basic", sku_code="s", price=Decimal(0)),),
        daily=True,
    )
    world.market.catalogue.put(own)
    assert '<option value="product:gauge">Gauge V2</option>' in world.client.get("/usage").text
    page = begun(world, "product:gauge", shape="working")
    bought = world.market.database.all(Subscription)[-1]
    assert bought.product == "gauge"
    assert "to the last digit" in page, "what is billed by the day has its days to the end"
    assert figures(page)[:2] == [exact(world.console.seller.used(bought.instance_id))] * 2
    assert f'<option value="{bought.instance_id}">' in world.client.get("/usage").text, "and next time it is at hand"


def test_a_product_that_is_not_opened_is_not_used(world: ConsoleWorld) -> None:
    world.refuse(9)
    assert "may not be open yet" in begun(world, "product:pay-per-use-v2")
    assert not world.market.database.all(SimulatedMonth, newest=1)


def test_what_is_refused_is_named(world: ConsoleWorld, mine: Subscription) -> None:
    begin(world, mine, 3)
    world.market.switches.inject("usage-some-refused", 1)
    world.market.advance(HOUR * 5)
    page = page_of(world)
    used_, billed, later, refused, waiting = map(Decimal, figures(page))
    assert used_ == billed + refused
    assert refused
    assert not later + waiting
    assert re.search(r"refused by the marketplace \(006\)", page)
    assert "settle it with the customer" in page


def test_an_hour_that_is_posted_again_counts_once(world: ConsoleWorld, mine: Subscription) -> None:
    """The process died after the intake had answered, before that was noted."""
    months, number = SimulatedMonths(world.market), begin(world, mine, 24)
    plan = world.market.database.get(SimulatedMonth, number)
    assert plan
    world.market.advance(HOUR * 2)
    assert latest(world).done > plan.done
    before = world.console.seller.used(mine.instance_id)
    world.market.database.put(plan)
    months.resume(number)
    world.market.run_due()
    assert world.console.seller.used(mine.instance_id) == before


def test_stopped_nothing_more_is_used(world: ConsoleWorld, mine: Subscription) -> None:
    number = begin(world, mine, 24)
    world.market.advance(HOUR * 3)
    assert "The rest follows as time passes" in page_of(world)
    world.client.post(f"/usage/months/{number}/stop")
    before = total(world, mine)
    world.market.advance(HOUR * 3)
    assert total(world, mine) == before == world.console.seller.used(mine.instance_id)
    assert "of 24 hours were used" in page_of(world)


def test_an_intake_that_does_not_answer_is_asked_again(world: ConsoleWorld, mine: Subscription) -> None:
    begin(world, mine, 3)
    world.close("/saas/usage")
    world.market.advance(HOUR * 2)
    assert "is asked again" in page_of(world)
    world.closed.clear()
    world.market.advance(HOUR * 3)
    assert len(used(world.market.database, mine.instance_id)) == 3


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [({"most": "0"}, "above zero"), ({"length": "year"}, "not in use"), ({"instance": "unknown"}, "not in use")],
)
def test_misfilled(world: ConsoleWorld, mine: Subscription, wrong: dict[str, str], problem: str) -> None:
    page = begun(world, **{"instance": mine.instance_id, "seed": "42", **wrong})
    assert problem in page
    assert 'name="seed" type="number" value="42"' in page, "what was typed is still there"
    assert not world.market.database.all(SimulatedMonth, newest=1)


def test_a_package_is_not_used_by_itself(world: ConsoleWorld) -> None:
    package = world.bought("package-v2")
    assert "Nothing was simulated" in begun(world, package.instance_id)


def test_a_server_elsewhere_must_report_itself(world: ConsoleWorld, mine: Subscription) -> None:
    world.context.application = world.context.seller = None
    for path in ("/usage", f"/usage/{mine.instance_id}"):
        page = world.client.get(path).text
        assert "its own application must report usage" in page
        assert 'id="use-month"' not in page


def test_a_month_that_nobody_began(world: ConsoleWorld) -> None:
    for path in ("", "/stop", "/go-on"):
        assert world.client.open(f"/usage/months/7{path}", method="POST" if path else "GET").status_code == 404


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
    assert [(each.begin.date(), each.difference) for each in found] == [
        (date(2026, 11, 22), Decimal(4)),
        (date(2026, 11, 23), Decimal(1)),
    ]
    assert list(found[0].reasons()) == [("refused", Decimal(1)), ("uncollected", Decimal(1)), ("open", Decimal(2))]
    assert list(found[1].reasons()) == [("waiting", Decimal(1))]
    assert found[0].codes == ("006",)
    assert [each.difference for each in months(found)] == [Decimal(5)]


@given(*[st.decimals(0, 1000, places=4)] * 4)
def test_the_reasons_add_up_to_the_difference(
    used_: Decimal, accepted: Decimal, refused: Decimal, late: Decimal
) -> None:
    day = UsedTime(FIRST, used_, accepted, accepted / 2, refused, late)
    assert sum(value for _, value in day.reasons()) == day.difference


@pytest.mark.parametrize(
    ("used_", "accepted", "billed", "refused", "verdict"),
    [
        ("0", "0", "0", "0", "nothing"),
        ("5", "5", "5", "0", "agrees"),
        ("5", "5", "4", "0", "on-its-way"),
        ("5", "4", "4", "0", "on-its-way"),
        ("5", "3", "3", "1", "refused"),
        ("5", "6", "6", "0", "excess"),
        (None, "6", "6", "0", "unknown"),
    ],
)
def test_what_is_said_first(used_: str | None, accepted: str, billed: str, refused: str, verdict: str) -> None:
    known = None if used_ is None else Decimal(used_)
    assert UsedTime(FIRST, known, Decimal(accepted), Decimal(billed), Decimal(refused)).verdict == verdict
    assert {f"usage.verdict.{verdict}", f"usage.brief.{verdict}"} <= texts().keys()
