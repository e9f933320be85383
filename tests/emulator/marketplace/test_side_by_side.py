"""Many calls at the same time, and people who click while they are made: nothing is lost, nothing happens twice."""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest

from emulator.marketplace.catalogue.products import SHELF
from emulator.marketplace.delivery.deliveries import OVERTAKEN
from emulator.marketplace.delivery.messages import Delivery, Message
from emulator.marketplace.storage.transactions import NotPossible
from emulator.marketplace.subscriptions.orders import OrderState, PlacedOrder
from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from shared.provisioning import Charging
from tests.emulator.marketplace.lives import Life, living
from tests.emulator.marketplace.seller import DAY, HOUR, Scene


def test_many_purchases_at_once_are_each_made_once(scene: Scene) -> None:
    subscriptions = [scene.buy(product) for product in SHELF for _ in range(8)]
    with ThreadPoolExecutor(8) as executor:
        scene.market.run_due(executor)
    assert {scene.at(each).status for each in subscriptions} == {SubscriptionStatus.ACTIVE}
    assert len({scene.at(each).instance_id for each in subscriptions}) == 80
    assert Counter(activity for activity, _ in scene.seller.calls) == {"newInstance": 80, "orderNotify": 40}


def test_failures_at_once_are_all_counted(scene: Scene) -> None:
    scene.seller.broken = "000005"
    for _ in range(12):
        scene.buy("one-time-v2")
    with ThreadPoolExecutor(8) as executor:
        for _ in range(4):
            scene.market.run_due(executor)
            scene.clock.set(scene.clock.now() + HOUR)
    report = scene.market.listing_status.report("one-time-v2")
    assert (len(report.failed_orders), report.shelf) == (12, "delisted")
    assert Counter(scene.mails("seller")) == {"newInstance failed": 48, "Product delisted": 1}
    assert {order.state for order in scene.market.database.all(PlacedOrder)} == {OrderState.REFUNDED}


@pytest.mark.sweep
@pytest.mark.e2e
def test_people_click_while_the_marketplace_works(tmp_path: Path) -> None:
    with living(tmp_path) as life:
        lasting = [product.id for product in SHELF.values() if product.charging is Charging.PERIOD]
        subscriptions = [life.market.shop.buy(life.customer, product).id for product in lasting for _ in range(4)]
        with ThreadPoolExecutor(4) as executor:
            life.market.run_due(executor)
            people = [Thread(target=click, args=(life, subscriptions, number)) for number in range(4)]
            for person in people:
                person.start()
            while any(person.is_alive() for person in people):
                life.market.run_due(executor)
            for person in people:
                person.join()
            life.market.run_due(executor)
        life.market.advance(2 * DAY)
        assert life.differences() == []
        orders = life.market.database.all(PlacedOrder)
        assert len(orders) > len(subscriptions) + 5
        gone = {
            each.id for each in life.market.database.all(Subscription) if each.status is SubscriptionStatus.RELEASED
        }
        assert {order.subscription_id for order in orders if order.state is not OrderState.DONE} <= gone
        undelivered = [each for each in life.market.database.all(Message) if each.state is not Delivery.DELIVERED]
        assert {each.problem for each in undelivered if each.about not in gone} <= {OVERTAKEN}


def click(life: Life, subscriptions: list[str], seed: int) -> None:
    """Whatever comes to somebody's mind, until so much was possible."""
    dice, shop, done = random.Random(seed), life.market.shop, 0
    acts: list[Callable[[str, list[str]], object]] = [
        lambda each, _: shop.renew(each),
        lambda each, _: shop.return_renewal(each),
        lambda each, plans: shop.upgrade(each, dice.choice(plans)),
        lambda each, _: shop.freeze(each, "violation"),
        lambda each, _: shop.unfreeze(each),
        lambda each, _: shop.unsubscribe(each) if done % 10 == 9 else shop.open(each),
    ]
    for _ in range(5000):
        subscription = life.market.database.the(Subscription, dice.choice(subscriptions))
        with suppress(NotPossible):
            dice.choice(acts)(subscription.id, [plan.id for plan in SHELF[subscription.product].plans])
            done += 1
        if done == 30:
            break
