"""For how long a message is tried, what follows when it arrives and when it does not."""

from datetime import timedelta

import pytest

from emulator.marketplace.catalogue.products import SHELF
from emulator.marketplace.delivery.deliveries import OVERTAKEN
from emulator.marketplace.delivery.messages import Delivery, Purpose
from emulator.marketplace.subscriptions.subscription import SubscriptionStatus
from shared.provisioning import Charging
from tests.emulator.marketplace.seller import DAY, DEAD, HOUR, LOST, START, Scene

BOTH = ("yearly-v1", "yearly-v2")
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("product", SHELF)
def test_a_purchase_opens_an_instance(scene: Scene, product: str) -> None:
    subscription = scene.bought(product)
    found = scene.at(subscription)
    assert found.status is SubscriptionStatus.ACTIVE
    assert found.instance_id == scene.seller.instances[found.order_id]
    assert (found.expires_at is not None) == (SHELF[product].charging in (Charging.PERIOD, Charging.ON_DEMAND_PACKAGE))
    assert scene.orders(subscription) == [("NEW", "done")]
    assert scene.mails("seller") == []


@pytest.mark.parametrize("product", BOTH)
def test_a_purchase_that_fails_is_tried_hourly_for_three_hours_and_refunded(scene: Scene, product: str) -> None:
    scene.seller.broken = "000005"
    subscription = scene.bought(product)
    for attempts in (1, 2, 3):
        assert scene.message(subscription, Purpose.PURCHASE).attempts == attempts
        scene.market.advance(59 * MINUTE)
        assert len(scene.seller.told("newInstance")) == attempts, "not before the hour"
        scene.market.advance(MINUTE)
    assert scene.at(subscription).status is SubscriptionStatus.REFUNDED
    assert scene.orders(subscription) == [("NEW", "refunded")]
    assert scene.mails("seller") == ["newInstance failed"] * 4
    assert scene.mails(scene.customer) == ["Your order was refunded"]
    assert len(scene.market.listing_status.report(product).failed_orders) == 1
    scene.market.advance(30 * DAY)
    assert len(scene.seller.told("newInstance")) == 4
    with pytest.raises(ValueError, match="not refunded"):
        scene.market.deliveries.restart(scene.message(subscription, Purpose.PURCHASE).id)


def test_every_attempt_has_a_business_id_of_its_own(scene: Scene) -> None:
    scene.seller.script("newInstance", "000005", "000005")
    scene.buy("yearly-v1")
    scene.market.advance(5 * HOUR)
    assert len({fields["businessId"] for fields in scene.seller.told("newInstance")}) == 3


@pytest.mark.parametrize("product", BOTH)
@pytest.mark.parametrize("answer", [LOST, DEAD])
def test_a_purchase_without_an_answer_is_repeated_for_the_same_instance(
    scene: Scene, product: str, answer: str
) -> None:
    scene.seller.script("newInstance", answer)
    subscription = scene.bought(product)
    assert scene.at(subscription).status is SubscriptionStatus.OPENING
    scene.market.advance(HOUR)
    assert len(scene.seller.told("newInstance")) == 2
    assert list(scene.seller.instances.values()) == [scene.at(subscription).instance_id]
    assert scene.at(subscription).status is SubscriptionStatus.ACTIVE


@pytest.mark.parametrize("product", BOTH)
def test_an_upgrade_that_fails_is_refunded_and_leaves_the_plan(scene: Scene, product: str) -> None:
    subscription = scene.bought(product)
    plans = SHELF[product].plans
    scene.seller.broken = "000005"
    scene.market.shop.upgrade(subscription, plans[1].id)
    scene.market.advance(4 * HOUR)
    assert scene.message(subscription, Purpose.UPGRADE).attempts == 4
    assert scene.orders(subscription)[-1] == ("CHANGE", "refunded")
    assert (scene.at(subscription).plan, scene.at(subscription).status) == (plans[0].id, SubscriptionStatus.ACTIVE)
    assert len(scene.market.listing_status.report(product).failed_orders) == 1
    scene.seller.broken = ""
    scene.market.shop.upgrade(subscription, plans[2].id)
    scene.market.run_due()
    assert (scene.at(subscription).plan, scene.at(subscription).quantity) == (plans[2].id, plans[2].quantity)


@pytest.mark.parametrize("product", BOTH)
def test_a_renewal_is_tried_for_an_hour_and_restarted_by_hand(scene: Scene, product: str) -> None:
    subscription = scene.bought(product)
    ends = scene.at(subscription).expires_at
    assert ends is not None
    scene.seller.broken = "000005"
    scene.market.shop.renew(subscription)
    scene.market.advance(2 * DAY)
    message = scene.message(subscription, Purpose.RENEWAL)
    assert (message.state, message.attempts) == (Delivery.GIVEN_UP, 2)
    assert scene.orders(subscription)[-1] == ("RENEW", "failed")
    assert scene.at(subscription).expires_at == ends
    assert scene.market.listing_status.report(product).failed_orders == ()
    scene.seller.broken = ""
    scene.market.deliveries.restart(message.id)
    scene.market.run_due()
    assert scene.orders(subscription)[-1] == ("RENEW", "done")
    assert scene.at(subscription).expires_at == ends + 365 * DAY
    with pytest.raises(ValueError, match="given up"):
        scene.market.deliveries.restart(message.id)


def test_hurrying_takes_nothing_away_from_the_three_hours(scene: Scene) -> None:
    scene.seller.broken = "000005"
    subscription = scene.bought("yearly-v1")
    for _ in range(5):
        scene.market.deliveries.hurry(scene.message(subscription, Purpose.PURCHASE).id)
        scene.market.run_due()
        scene.market.advance(MINUTE)
    assert scene.message(subscription, Purpose.PURCHASE).state is Delivery.WAITING
    assert scene.message(subscription, Purpose.PURCHASE).next_at == START + HOUR
    scene.market.advance(3 * HOUR)
    assert scene.message(subscription, Purpose.PURCHASE).attempts == 9
    assert scene.at(subscription).status is SubscriptionStatus.REFUNDED


def test_a_schedule_that_begins_within_a_millisecond_has_no_attempt_more(scene: Scene) -> None:
    """Tasks are due to the millisecond."""
    scene.clock.set(START + timedelta(microseconds=123_456))
    scene.seller.broken = "000005"
    scene.buy("yearly-v1")
    scene.market.advance(5 * HOUR)
    assert len(scene.seller.told("newInstance")) == 4


def test_a_seller_that_comes_back_late_gets_what_is_left_of_the_schedule(scene: Scene) -> None:
    """The machine slept between the first attempt and the second."""
    scene.seller.broken = "000005"
    subscription = scene.bought("yearly-v2")
    scene.clock.set(START + 10 * HOUR)
    scene.market.run_due()
    assert scene.message(subscription, Purpose.PURCHASE).attempts == 2
    assert scene.at(subscription).status is SubscriptionStatus.REFUNDED


def test_version_2_asks_every_five_minutes_until_the_instance_is_there(scene: Scene) -> None:
    scene.seller.script("newInstance", "000004")
    scene.seller.script("queryInstance", "000004", "000005", DEAD)
    subscription = scene.bought("monthly-v2")
    assert scene.at(subscription).status is SubscriptionStatus.OPENING
    assert scene.at(subscription).instance_id
    for asked in (0, 1, 2, 3):
        assert len(scene.seller.told("queryInstance")) == asked
        assert scene.at(subscription).status is SubscriptionStatus.OPENING
        scene.market.advance(5 * MINUTE)
    assert scene.at(subscription).status is SubscriptionStatus.ACTIVE
    assert len(scene.message(subscription, Purpose.PURCHASE).calls) == 5
    assert len(scene.seller.told("orderNotify")) == 1
    assert scene.mails("seller") == []


def test_an_instance_that_never_comes_is_refunded_after_three_hours(scene: Scene) -> None:
    scene.seller.script("newInstance", "000004")
    scene.seller.script("queryInstance", *["000004"] * 100)
    subscription = scene.bought("monthly-v2")
    scene.market.advance(3 * HOUR - MINUTE)
    assert scene.at(subscription).status is SubscriptionStatus.OPENING
    scene.market.advance(MINUTE)
    assert scene.at(subscription).status is SubscriptionStatus.REFUNDED
    assert len(scene.seller.told("queryInstance")) == 36
    assert scene.mails(scene.customer) == ["Your order was refunded"]
    assert scene.mails("seller") == ["newInstance failed"]
    scene.market.advance(DAY)
    assert len(scene.seller.told("queryInstance")) == 36


def test_another_instance_than_the_one_asked_for_is_not_there(scene: Scene) -> None:
    scene.seller.script("newInstance", "000004")
    subscription = scene.bought("monthly-v2")
    scene.seller.mistaken = "another"
    scene.market.advance(5 * MINUTE)
    assert scene.at(subscription).status is SubscriptionStatus.OPENING
    scene.seller.mistaken = ""
    scene.market.advance(5 * MINUTE)
    assert scene.at(subscription).status is SubscriptionStatus.ACTIVE


@pytest.mark.parametrize("activity", ["newInstance", "refreshInstance"])
def test_in_process_is_a_failure_where_nothing_may_take_longer(scene: Scene, activity: str) -> None:
    product = "yearly-v1" if activity == "newInstance" else "yearly-v2"
    if activity == "newInstance":
        scene.seller.script(activity, "000004")
        subscription = scene.bought(product)
    else:
        subscription = scene.bought(product)
        scene.seller.script(activity, "000004")
        scene.market.shop.renew(subscription)
        scene.market.run_due()
    assert scene.mails("seller") == [f"{activity} failed"]
    scene.market.advance(HOUR)
    assert scene.at(subscription).status is SubscriptionStatus.ACTIVE
    assert scene.orders(subscription)[-1][1] == "done"


def test_a_purchase_is_notified_in_version_2_for_three_hours(scene: Scene) -> None:
    scene.seller.script("orderNotify", *["000005"] * 4)
    subscription = scene.bought("one-time-v2")
    scene.market.advance(4 * HOUR)
    notice = scene.message(subscription, Purpose.NOTICE)
    assert (notice.state, notice.attempts) == (Delivery.GIVEN_UP, 4)
    assert scene.orders(subscription) == [("NEW", "done")], "the order itself has not failed"
    scene.market.deliveries.restart(notice.id)
    scene.market.run_due()
    assert scene.message(subscription, Purpose.NOTICE).state is Delivery.DELIVERED
    scene.bought("one-time-v1")
    assert len(scene.seller.told("orderNotify")) == 5


@pytest.mark.parametrize("product", BOTH)
def test_a_freeze_that_is_over_is_not_told_any_more(scene: Scene, product: str) -> None:
    subscription = scene.bought(product)
    activity = "instanceStatus" if product == "yearly-v1" else "updateInstanceStatus"
    scene.seller.script(activity, "000005")
    scene.market.shop.freeze(subscription, "violation")
    scene.market.run_due()
    scene.market.shop.unfreeze(subscription)
    scene.market.advance(2 * HOUR)
    frozen = scene.message(subscription, Purpose.FREEZE)
    assert (frozen.state, frozen.attempts, frozen.problem) == (Delivery.GIVEN_UP, 1, OVERTAKEN)
    assert scene.state(subscription) == "ACTIVE"
    with pytest.raises(ValueError, match="given up"):
        scene.market.deliveries.restart(frozen.id)


@pytest.mark.parametrize("product", BOTH)
def test_who_opens_the_details_must_see_the_same_instance(scene: Scene, product: str) -> None:
    subscription = scene.bought(product)
    scene.market.shop.open(subscription)
    scene.market.run_due()
    assert scene.message(subscription, Purpose.QUERY).state is Delivery.DELIVERED
    instance = scene.at(subscription).instance_id
    scene.seller.mistaken = "another"
    scene.market.shop.open(subscription)
    scene.market.run_due()
    assert scene.message(subscription, Purpose.QUERY).state is Delivery.GIVEN_UP
    assert "the instance ids are not those expected" in str(scene.message(subscription, Purpose.QUERY).problem)
    assert scene.at(subscription).instance_id == instance
