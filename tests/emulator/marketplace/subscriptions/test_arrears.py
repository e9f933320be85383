"""Customers who owe money."""

import pytest

from emulator.marketplace.storage.transactions import NotPossible
from emulator.marketplace.subscriptions.arrears import GRACE
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.expiry import RELEASE
from emulator.marketplace.subscriptions.subscription import ARREARS, EXPIRED, SubscriptionStatus
from tests.emulator.marketplace.seller import DAY, HOUR, Scene

USED = ("pay-per-use-v1", "pay-per-use-v2", "package-v1", "package-v2")
OTHERS = ("yearly-v1", "one-time-v2")


@pytest.fixture
def subscriptions(scene: Scene) -> dict[str, str]:
    return {product: scene.bought(product) for product in (*USED, *OTHERS)}


def test_what_is_used_is_frozen_after_a_time_of_grace(scene: Scene, subscriptions: dict[str, str]) -> None:
    scene.market.arrears.fall_into_arrears(scene.customer)
    scene.market.advance(GRACE - HOUR)
    assert {scene.state(each) for each in subscriptions.values()} == {"ACTIVE"}
    scene.market.advance(HOUR)
    assert {product: scene.state(each) for product, each in subscriptions.items()} == {
        **dict.fromkeys(USED, "FROZEN"),
        **dict.fromkeys(OTHERS, "ACTIVE"),
    }
    assert scene.at(subscriptions[USED[0]]).frozen_for == ARREARS
    assert [told["instanceStatus"] for told in scene.seller.told("instanceStatus")] == ["FREEZE"] * 2


def test_who_pays_gets_it_back(scene: Scene, subscriptions: dict[str, str]) -> None:
    scene.market.arrears.fall_into_arrears(scene.customer)
    scene.market.advance(10 * DAY)
    assert scene.market.agenda.due_at(RELEASE, subscriptions[USED[0]]) is not None
    scene.market.arrears.pay(scene.customer)
    assert scene.market.agenda.due_at(RELEASE, subscriptions[USED[0]]) is None
    scene.market.advance(30 * DAY)
    assert {scene.state(each) for each in subscriptions.values()} == {"ACTIVE"}
    assert {scene.at(each).status for each in subscriptions.values()} == {SubscriptionStatus.ACTIVE}
    assert [told["instanceStatus"] for told in scene.seller.told("instanceStatus")] == ["FREEZE", "FREEZE"] + [
        "NORMAL"
    ] * 2


def test_who_pays_in_the_time_of_grace_loses_nothing(scene: Scene, subscriptions: dict[str, str]) -> None:
    scene.market.arrears.fall_into_arrears(scene.customer)
    scene.market.advance(HOUR)
    scene.market.arrears.pay(scene.customer)
    scene.market.advance(30 * DAY)
    assert scene.seller.told("instanceStatus") == []


def test_who_does_not_pay_loses_it_after_the_retention(scene: Scene, subscriptions: dict[str, str]) -> None:
    scene.market.arrears.fall_into_arrears(scene.customer)
    scene.market.arrears.fall_into_arrears(scene.customer)
    scene.market.advance(GRACE + 15 * DAY)
    assert {scene.state(subscriptions[product]) for product in USED} == {"RELEASED"}
    assert {scene.at(subscriptions[product]).status for product in USED} == {SubscriptionStatus.RELEASED}
    assert {scene.state(subscriptions[product]) for product in OTHERS} == {"ACTIVE"}
    scene.market.arrears.pay(scene.customer)
    scene.market.advance(DAY)
    assert {scene.state(subscriptions[product]) for product in USED} == {"RELEASED"}


def test_others_are_not_concerned(scene: Scene, subscriptions: dict[str, str]) -> None:
    other = scene.market.database.all(Customer)[1].id
    bought = scene.market.shop.buy(other, USED[0]).id
    scene.market.arrears.fall_into_arrears(scene.customer)
    scene.market.advance(20 * DAY)
    assert scene.state(bought) == "ACTIVE"


def test_nobody_buys_usage_in_arrears(scene: Scene) -> None:
    scene.market.arrears.fall_into_arrears(scene.customer)
    for product in USED:
        with pytest.raises(NotPossible, match="owes money"):
            scene.buy(product)
    assert scene.state(scene.bought("yearly-v1")) == "ACTIVE"


def test_what_is_unfrozen_meanwhile_is_frozen_the_day_after(scene: Scene) -> None:
    subscription = scene.bought("pay-per-use-v2")
    scene.market.shop.freeze(subscription, "violation")
    scene.market.arrears.fall_into_arrears(scene.customer)
    scene.market.advance(GRACE)
    assert scene.at(subscription).frozen_for == "violation"
    scene.market.shop.unfreeze(subscription)
    scene.market.run_due()
    assert scene.state(subscription) == "ACTIVE"
    scene.market.advance(DAY)
    assert scene.at(subscription).frozen_for == ARREARS
    assert scene.state(subscription) == "FROZEN"


def test_a_package_that_ends_meanwhile_has_ended(scene: Scene) -> None:
    subscription = scene.bought("package-v1")
    ends = scene.at(subscription).expires_at
    assert ends is not None
    scene.market.advance(ends - scene.clock.now() - 3 * DAY)
    scene.market.arrears.fall_into_arrears(scene.customer)
    scene.market.advance(4 * DAY)
    assert scene.at(subscription).frozen_for == EXPIRED
    scene.market.arrears.pay(scene.customer)
    scene.market.run_due()
    assert scene.state(subscription) == "FROZEN"
    scene.market.advance(15 * DAY)
    assert scene.state(subscription) == "RELEASED"


def test_customers_there_must_be(scene: Scene) -> None:
    with pytest.raises(KeyError, match="no customer nobody"):
        scene.market.arrears.fall_into_arrears("nobody")
    with pytest.raises(KeyError, match="no customer nobody"):
        scene.market.arrears.pay("nobody")
