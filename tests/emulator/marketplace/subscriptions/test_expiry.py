"""Subscriptions end: expiry, the frozen time, renewal out of it, release; trials too."""

from datetime import timedelta

import pytest

from emulator.marketplace.delivery.messages import Delivery, Purpose
from emulator.marketplace.storage.transactions import NotPossible
from emulator.marketplace.subscriptions.expiry import RELEASE
from emulator.marketplace.subscriptions.subscription import EXPIRED, SubscriptionStatus
from tests.emulator.marketplace.seller import DAY, DEAD, HOUR, Scene

YEARLY, MONTHLY = ("yearly-v1", "yearly-v2"), ("monthly-v1", "monthly-v2")
PACKAGES = ("package-v1", "package-v2")
MONTH = 31 * DAY
"""A period of a month, and the rest of its last day."""


def expired(scene: Scene, product: str, **more: bool) -> str:
    """A subscription whose time has just run out."""
    subscription = scene.bought(product, **more)
    ends = scene.at(subscription).expires_at
    assert ends is not None
    scene.market.advance(ends - scene.clock.now())
    return subscription


@pytest.mark.parametrize("product", MONTHLY)
def test_it_is_active_to_its_last_second(scene: Scene, product: str) -> None:
    subscription = scene.bought(product)
    ends = scene.at(subscription).expires_at
    assert ends is not None
    scene.market.advance(ends - scene.clock.now() - timedelta(seconds=1))
    assert scene.at(subscription).status is SubscriptionStatus.ACTIVE
    scene.market.advance(timedelta(seconds=1))
    assert (scene.at(subscription).status, scene.at(subscription).frozen_for) == (SubscriptionStatus.FROZEN, EXPIRED)
    assert scene.state(subscription) == "FROZEN"


@pytest.mark.parametrize("product", [*MONTHLY, *PACKAGES])
def test_unless_it_is_renewed_it_is_released_after_fifteen_days(scene: Scene, product: str) -> None:
    subscription = expired(scene, product)
    scene.market.advance(15 * DAY - timedelta(seconds=1))
    assert scene.state(subscription) == "FROZEN"
    scene.market.advance(timedelta(seconds=1))
    assert scene.at(subscription).status is SubscriptionStatus.RELEASED
    assert scene.state(subscription) == "RELEASED"
    released = scene.seller.told("releaseInstance")[-1]
    order = scene.at(subscription).order_id
    assert released.get("orderId") == (order if product.endswith("v1") else None)
    assert scene.orders(subscription) == [("NEW", "done")]


@pytest.mark.parametrize(
    ("product", "activity", "members"),
    [
        ("monthly-v1", "expireInstance", {}),
        ("monthly-v2", "updateInstanceStatus", {"status": "FREEZE"}),
        ("package-v1", "instanceStatus", {"instanceStatus": "FREEZE"}),
        ("package-v2", "updateInstanceStatus", {"status": "FREEZE"}),
    ],
)
def test_each_version_tells_the_end_in_its_own_words(
    scene: Scene, product: str, activity: str, members: dict[str, str]
) -> None:
    subscription = expired(scene, product)
    (told,) = scene.seller.told(activity)
    assert told["instanceId"] == scene.at(subscription).instance_id
    assert members.items() <= told.items()
    assert [name for name, _ in scene.seller.calls if name not in ("newInstance", "orderNotify")] == [activity]


@pytest.mark.parametrize("product", MONTHLY)
def test_a_renewal_in_the_frozen_time_ends_it(scene: Scene, product: str) -> None:
    subscription = expired(scene, product)
    scene.market.advance(10 * DAY)
    scene.market.shop.renew(subscription)
    scene.market.run_due()
    found = scene.at(subscription)
    assert (found.status, found.frozen_for, found.frozen_at) == (SubscriptionStatus.ACTIVE, "", None)
    assert found.expires_at is not None
    assert found.expires_at > scene.clock.now() + 29 * DAY, "the period begins now"
    assert scene.market.agenda.due_at(RELEASE, subscription) is None
    assert scene.state(subscription) == "ACTIVE"
    statuses = [told.get("status") for told in scene.seller.told("updateInstanceStatus")]
    assert statuses == (["FREEZE", "UNFREEZE"] if product.endswith("v2") else [])
    scene.market.advance(29 * DAY)
    assert scene.at(subscription).status is SubscriptionStatus.ACTIVE
    scene.market.advance(2 * DAY)
    assert scene.at(subscription).status is SubscriptionStatus.FROZEN


@pytest.mark.parametrize("product", MONTHLY)
def test_a_renewal_before_the_end_moves_it(scene: Scene, product: str) -> None:
    subscription = scene.bought(product)
    ends = scene.at(subscription).expires_at
    assert ends is not None
    scene.market.advance(20 * DAY)
    scene.market.shop.renew(subscription)
    scene.market.run_due()
    assert scene.at(subscription).expires_at == ends + 30 * DAY
    scene.market.advance(MONTH)
    assert scene.at(subscription).status is SubscriptionStatus.ACTIVE
    assert scene.seller.told("expireInstance") == []


@pytest.mark.parametrize("product", MONTHLY)
def test_a_renewal_nobody_could_be_told_of_does_not_keep_it(scene: Scene, product: str) -> None:
    subscription = scene.bought(product)
    scene.seller.script("refreshInstance", "000005", "000005")
    scene.market.shop.renew(subscription)
    scene.market.advance(MONTH + 15 * DAY)
    assert scene.orders(subscription) == [("NEW", "done"), ("RENEW", "failed")]
    assert scene.at(subscription).status is SubscriptionStatus.RELEASED
    assert scene.state(subscription) == "RELEASED"


@pytest.mark.parametrize("product", MONTHLY)
def test_a_release_waits_for_a_renewal_that_is_on_its_way(scene: Scene, product: str) -> None:
    subscription = expired(scene, product)
    scene.market.advance(15 * DAY - HOUR / 2)
    scene.seller.script("refreshInstance", DEAD)
    scene.market.shop.renew(subscription)
    scene.market.advance(2 * HOUR)
    assert scene.orders(subscription)[-1] == ("RENEW", "done")
    assert scene.at(subscription).status is SubscriptionStatus.ACTIVE
    scene.market.advance(20 * DAY)
    assert scene.state(subscription) == "ACTIVE"
    assert scene.seller.told("releaseInstance") == []


@pytest.mark.parametrize("product", MONTHLY)
def test_an_expiry_the_seller_missed_does_not_freeze_what_was_renewed(scene: Scene, product: str) -> None:
    scene.seller.script("expireInstance", DEAD)
    scene.seller.script("updateInstanceStatus", DEAD)
    subscription = expired(scene, product)
    assert scene.state(subscription) == "ACTIVE"
    scene.market.advance(HOUR / 2)
    scene.market.shop.renew(subscription)
    scene.market.advance(DAY)
    assert scene.message(subscription, Purpose.EXPIRY).state is Delivery.GIVEN_UP
    assert scene.at(subscription).status is SubscriptionStatus.ACTIVE
    assert scene.state(subscription) == "ACTIVE"


@pytest.mark.parametrize("product", YEARLY)
def test_a_trial_ends_and_is_released(scene: Scene, product: str) -> None:
    subscription = expired(scene, product, trial=True)
    assert scene.state(subscription) == "FROZEN"
    scene.market.advance(15 * DAY)
    assert scene.state(subscription) == "RELEASED"
    with pytest.raises(NotPossible):
        scene.market.shop.convert(subscription)


@pytest.mark.parametrize("product", YEARLY)
@pytest.mark.parametrize("frozen", [False, True])
def test_a_trial_is_converted_also_when_it_has_ended(scene: Scene, product: str, frozen: bool) -> None:
    subscription = expired(scene, product, trial=True) if frozen else scene.bought(product, trial=True)
    scene.market.shop.convert(subscription)
    scene.market.advance(300 * DAY)
    found = scene.at(subscription)
    assert (found.status, found.trial) == (SubscriptionStatus.ACTIVE, False)
    assert scene.state(subscription) == "ACTIVE"
    assert scene.orders(subscription) == [("TRIAL", "done"), ("TRIAL_TO_FORMAL", "done")]


@pytest.mark.parametrize("product", YEARLY)
def test_a_returned_renewal_brings_the_end_back(scene: Scene, product: str) -> None:
    subscription = scene.bought(product)
    ends = scene.at(subscription).expires_at
    scene.market.shop.renew(subscription)
    scene.market.run_due()
    scene.market.shop.return_renewal(subscription)
    scene.market.run_due()
    assert scene.at(subscription).expires_at == ends
    assert scene.orders(subscription)[1:] == [("RENEW", "done"), ("UNSUBSCRIBE", "done")]
    with pytest.raises(NotPossible, match="no renewed period"):
        scene.market.shop.return_renewal(subscription)
    scene.market.advance(366 * DAY)
    assert scene.state(subscription) == "FROZEN"


def test_a_renewed_period_that_has_begun_is_not_returned(scene: Scene) -> None:
    subscription = scene.bought("yearly-v1")
    scene.market.shop.renew(subscription)
    scene.market.advance(366 * DAY)
    with pytest.raises(NotPossible, match="begun"):
        scene.market.shop.return_renewal(subscription)


def test_the_end_of_the_period_takes_the_place_of_another_reason(scene: Scene) -> None:
    subscription = scene.bought("monthly-v1")
    scene.market.shop.freeze(subscription, "violation")
    with pytest.raises(NotPossible, match="violation"):
        scene.market.shop.renew(subscription)
    scene.market.advance(MONTH)
    assert scene.at(subscription).frozen_for == EXPIRED
    scene.market.shop.renew(subscription)
    scene.market.run_due()
    assert (scene.at(subscription).status, scene.at(subscription).frozen_for) == (
        SubscriptionStatus.FROZEN,
        "violation",
    )
    scene.market.shop.unfreeze(subscription)
    scene.market.run_due()
    assert scene.state(subscription) == "ACTIVE"


@pytest.mark.parametrize("product", YEARLY)
def test_a_renewal_that_arrives_after_the_freeze_does_not_end_it(scene: Scene, product: str) -> None:
    """There are marketplaces that tell it again (ours)."""
    scene.market.readings.set("frozen-again", 1)
    subscription = scene.bought(product)
    scene.seller.script("refreshInstance", DEAD)
    scene.market.shop.renew(subscription)
    scene.market.run_due()
    scene.market.shop.freeze(subscription, "violation")
    scene.market.advance(DAY)
    assert scene.orders(subscription)[-1] == ("RENEW", "done")
    assert scene.at(subscription).frozen_for == "violation"
    assert scene.state(subscription) == "FROZEN"


def test_a_violation_is_frozen_until_it_is_over(scene: Scene) -> None:
    subscription = scene.bought("one-time-v2")
    scene.market.shop.freeze(subscription, "violation")
    scene.market.advance(100 * DAY)
    assert (scene.at(subscription).status, scene.state(subscription)) == (SubscriptionStatus.FROZEN, "FROZEN")
    scene.market.shop.unfreeze(subscription)
    scene.market.run_due()
    assert (scene.at(subscription).status, scene.state(subscription)) == (SubscriptionStatus.ACTIVE, "ACTIVE")


def test_the_buyer_is_told_before_and_after(scene: Scene) -> None:
    subscription = scene.bought("monthly-v1")
    ends = scene.at(subscription).expires_at
    assert ends is not None
    soon, over = "Your subscription ends soon", "Your subscription has ended"
    scene.market.advance(ends - scene.clock.now() - 7 * DAY)
    assert scene.mails(scene.customer) == [soon]
    scene.market.advance(6 * DAY)
    assert scene.mails(scene.customer) == [soon, soon]
    scene.market.advance(DAY)
    assert scene.mails(scene.customer) == [soon, soon, over]


def test_who_unsubscribes_hears_of_no_end(scene: Scene) -> None:
    subscription = scene.bought("yearly-v2")
    scene.market.shop.unsubscribe(subscription)
    scene.market.run_due()
    assert scene.orders(subscription)[-1] == ("UNSUBSCRIBE", "done")
    assert [task for task in scene.market.agenda.ahead() if task.subject == subscription] == []
    scene.market.advance(400 * DAY)
    assert scene.mails(scene.customer) == []
    assert scene.seller.told("updateInstanceStatus") == []


@pytest.mark.parametrize("product", YEARLY)
def test_an_unsubscription_the_seller_does_not_take_fails_and_is_restarted(scene: Scene, product: str) -> None:
    subscription = scene.bought(product)
    scene.seller.script("releaseInstance", "000005", "000005")
    scene.market.shop.unsubscribe(subscription)
    scene.market.advance(DAY)
    assert scene.orders(subscription) == [("NEW", "done"), ("UNSUBSCRIBE", "failed")]
    scene.market.deliveries.restart(scene.message(subscription, Purpose.RELEASE).id)
    scene.market.run_due()
    assert scene.orders(subscription)[-1] == ("UNSUBSCRIBE", "done")
    assert scene.state(subscription) == "RELEASED"


@pytest.mark.parametrize("frozen", [False, True])
def test_a_renewal_taken_after_the_release_brings_nothing_back(scene: Scene, frozen: bool) -> None:
    """A seller that answers success to whatever comes."""
    subscription = expired(scene, "monthly-v1") if frozen else scene.bought("monthly-v1")
    scene.seller.script("refreshInstance", DEAD)
    scene.market.shop.renew(subscription)
    scene.market.run_due()
    scene.market.shop.unsubscribe(subscription)
    scene.market.advance(DAY)
    assert scene.message(subscription, Purpose.RENEWAL).state is Delivery.DELIVERED
    assert scene.at(subscription).status is SubscriptionStatus.RELEASED


def test_one_time_and_pay_per_use_have_no_end(scene: Scene) -> None:
    subscriptions = [scene.bought(product) for product in ("one-time-v1", "pay-per-use-v2")]
    scene.market.advance(3 * 365 * DAY)
    assert [scene.state(subscription) for subscription in subscriptions] == ["ACTIVE", "ACTIVE"]
    for subscription in subscriptions:
        with pytest.raises(NotPossible, match="no period"):
            scene.market.shop.renew(subscription)
