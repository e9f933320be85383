"""The marketplace as a whole: its first day, its clock, its orders and instances as others ask for them."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from emulator.clock import MovableClock
from emulator.keys import Keys
from emulator.marketplace.catalogue.products import SHELF, ListedProduct
from emulator.marketplace.delivery.sender import Target
from emulator.marketplace.market import Market, MarketConfig
from emulator.marketplace.subscriptions.buyers import FIRST, Customer
from emulator.marketplace.subscriptions.subscription import Subscription
from emulator.marketplace.ticker import ticking
from shared.provisioning import Charging
from tests.emulator.marketplace.lives import living
from tests.emulator.marketplace.seller import DAY, START, Scene


def test_a_new_file_has_products_and_buyers_once(scene: Scene) -> None:
    before = scene.market.database.all(Customer)
    assert [each.name for each in before] == [name for name, *_ in FIRST]
    assert [each.id for each in scene.market.database.all(ListedProduct)] == list(SHELF)
    scene.reopen()
    assert scene.market.database.all(Customer) == before
    assert scene.market.database.count(ListedProduct) == len(SHELF)


def test_time_goes_on_where_it_was(scene: Scene) -> None:
    scene.market.advance(40 * DAY)
    scene.clock.set(START)
    scene.reopen()
    assert scene.clock.now() == START + 40 * DAY


def test_a_clock_that_goes_is_put_as_far_ahead_again(scene: Scene) -> None:
    def opened() -> Market:
        clock = MovableClock()
        plans = MarketConfig(keys=Keys("k"), target=Target(scene.url), clock=clock, signing_clock=clock, file=file)
        return Market(plans)

    assert scene.file is not None
    file = scene.file.with_name("other.sqlite")
    market = opened()
    market.advance(3 * DAY)
    market.close()
    market = opened()
    assert abs(market.clock.offset - 3 * DAY) < timedelta(minutes=1)
    market.close()


def test_whoever_hears_of_the_time_can_end_the_journey(scene: Scene) -> None:
    """The next one goes on from there."""

    def stop(_now: object) -> None:
        raise InterruptedError

    subscription = scene.bought("monthly-v1")
    with pytest.raises(InterruptedError):
        scene.market.advance(100 * DAY, stop)
    assert START < scene.clock.now() < START + DAY
    scene.market.advance(100 * DAY)
    assert scene.state(subscription) == "RELEASED"


def test_the_order_query_tells_placed_orders_and_those_for_debugging(scene: Scene) -> None:
    subscription = scene.at(scene.bought("yearly-v2", trial=True))
    order = scene.market.orders.get(subscription.order_id)
    assert order is not None
    (line,) = order.lines
    bought = line.specification
    assert (order.order_type, line.line_id) == ("TRIAL", f"{subscription.order_id}-000001")
    assert (bought.charging, bought.period_type, bought.period_number) == (Charging.PERIOD, "day", 7)
    assert (line.expires_at, line.amount) == (subscription.expires_at, Decimal("0.00"))
    assert bought.parameters == {"emailDomainName": "mail.example.com"}
    assert order.buyer.customer_id == subscription.customer_id
    assert scene.market.orders.get("MOCKONDEMAND") is not None
    assert scene.market.orders.get("unknown") is None


def test_instances_are_found_by_the_name_the_seller_gave_them(scene: Scene) -> None:
    subscription = scene.bought("pay-per-use-v2")
    instance = scene.at(subscription).instance_id
    found = scene.market.instances.get(instance)
    assert found is not None
    assert (found.charging, found.started_at, found.closed_at, found.frozen) == (Charging.ON_DEMAND, START, None, False)
    scene.market.shop.freeze(subscription, "violation")
    scene.market.run_due()
    frozen = scene.market.instances.get(instance)
    assert frozen is not None
    assert frozen.frozen
    scene.market.shop.close(subscription)
    closed = scene.market.instances.get(instance)
    assert closed is not None
    assert closed.closed_at == START
    assert scene.market.instances.get("unknown") is None
    assert scene.market.instances.subscription("") is None


def test_with_a_ticker_it_acts_by_itself(scene: Scene) -> None:
    subscription = scene.buy("one-time-v1")
    with ticking(scene.market):
        while not scene.at(subscription).live:
            scene.clock.sleep(0.01)
    assert scene.state(subscription) == "ACTIVE"


@pytest.mark.e2e
def test_the_bundle_passes_every_case_and_every_probe(tmp_path: Path) -> None:
    with living(tmp_path) as life:
        cases = life.market.cases
        for product in SHELF:
            assert [each for each in cases.save_cases(product) if each.problem] == []
            assert cases.missing(product) == []
        life.market.probes.resign = False
        life.market.advance(2 * DAY)
        lines = life.market.timeline.lines(limit=10_000)
        assert {line.verdict for line in lines if line.direction == "out"} == {"passed"}
        saved = sum(len(cases.saved(product)) for product in SHELF)
        assert sum(str(line.occasion) == "probe" for line in lines) == 4 * saved
        assert life.market.database.count(Subscription) == 0
