"""What a buyer can do, and what not; what each message then says in each version."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from emulator.marketplace.catalogue.products import SHELF, Shelf
from emulator.marketplace.delivery.messages import Delivery, Message, Purpose
from emulator.marketplace.storage.transactions import NotPossible
from emulator.marketplace.subscriptions.orders import PlacedOrder
from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from emulator.texts import verbatim
from shared.protocol.production.extend_params import decode_extend_params
from tests.emulator.marketplace.seller import DAY, DEAD, Scene

Try = Callable[[Scene, str], object]
"""Something that is done with a subscription."""


def larger(scene: Scene, subscription: str) -> object:
    return scene.market.shop.upgrade(subscription, SHELF[scene.at(subscription).product].plans[1].id)


TRIES: dict[str, Try] = {
    "renew": lambda scene, each: scene.market.shop.renew(each),
    "convert": lambda scene, each: scene.market.shop.convert(each),
    "return_renewal": lambda scene, each: scene.market.shop.return_renewal(each),
    "upgrade": larger,
    "unsubscribe": lambda scene, each: scene.market.shop.unsubscribe(each),
    "open": lambda scene, each: scene.market.shop.open(each),
    "query": lambda scene, each: scene.market.shop.query(each),
    "freeze": lambda scene, each: scene.market.shop.freeze(each, "violation"),
    "unfreeze": lambda scene, each: scene.market.shop.unfreeze(each),
}


def refusal(scene: Scene, subscription: str, name: str) -> str:
    """Why something is not possible, empty if it is."""
    try:
        TRIES[name](scene, subscription)
    except NotPossible as error:
        return error.reason
    return ""


@pytest.mark.parametrize("name", TRIES)
def test_nothing_can_be_done_before_it_is_open_or_after_it_is_gone(scene: Scene, name: str) -> None:
    subscription = scene.buy("yearly-v1")
    assert refusal(scene, subscription, name) == "gone"
    scene.market.run_due()
    scene.market.shop.unsubscribe(subscription)
    assert refusal(scene, subscription, name) == "gone"
    assert scene.market.database.count(PlacedOrder) == 2


@pytest.mark.parametrize(
    ("product", "name", "reason"),
    [
        ("monthly-v1", "renew", ""),
        ("one-time-v1", "renew", "no-period"),
        ("pay-per-use-v1", "renew", "no-period"),
        ("package-v2", "renew", "no-period"),
        ("monthly-v1", "convert", "no-trial"),
        ("monthly-v1", "return_renewal", "no-renewal"),
        ("monthly-v1", "unfreeze", "not-frozen"),
        ("monthly-v1", "upgrade", ""),
    ],
)
def test_what_is_possible_depends_on_the_product(scene: Scene, product: str, name: str, reason: str) -> None:
    assert refusal(scene, scene.bought(product), name) == reason


def test_one_order_at_a_time(scene: Scene) -> None:
    subscription = scene.bought("yearly-v2")
    scene.seller.script("refreshInstance", DEAD)
    scene.market.shop.renew(subscription)
    scene.market.run_due()
    assert [refusal(scene, subscription, name) for name in ("renew", "upgrade", "return_renewal")] == ["busy"] * 3
    assert refusal(scene, subscription, "open") == ""
    scene.market.advance(DAY)
    assert refusal(scene, subscription, "renew") == ""


def test_what_failed_is_restarted_first(scene: Scene) -> None:
    subscription = scene.bought("yearly-v2")
    scene.market.shop.renew(subscription)
    scene.market.run_due()
    scene.seller.script("refreshInstance", "000005", "000005")
    scene.market.shop.renew(subscription)
    scene.market.advance(DAY)
    assert refusal(scene, subscription, "return_renewal") == "busy"
    (given_up,) = [each for each in scene.market.database.all(Message) if each.state is Delivery.GIVEN_UP]
    scene.market.deliveries.restart(given_up.id)
    assert refusal(scene, subscription, "return_renewal") == "busy"
    scene.market.run_due()
    assert refusal(scene, subscription, "return_renewal") == ""


def test_a_frozen_one_is_not_upgraded_and_not_frozen_twice(scene: Scene) -> None:
    subscription = scene.bought("yearly-v2")
    scene.market.shop.freeze(subscription, "violation")
    assert refusal(scene, subscription, "upgrade") == "no-upgrade"
    assert refusal(scene, subscription, "freeze") == "not-active"
    assert refusal(scene, subscription, "unsubscribe") == ""


def test_the_end_of_a_period_is_no_violation(scene: Scene) -> None:
    subscription = scene.bought("monthly-v2")
    scene.market.advance(31 * DAY)
    assert scene.at(subscription).status is SubscriptionStatus.FROZEN
    assert refusal(scene, subscription, "unfreeze") == "not-frozen"


def test_an_act_that_is_refused_leaves_no_trace(scene: Scene) -> None:
    """No id is used up, so what follows is the same as without it."""
    scene.market.listing_status.take_off("yearly-v1", Shelf.HIDDEN, verbatim("a test"))
    with pytest.raises(NotPossible, match="hidden"):
        scene.buy("yearly-v1")
    with pytest.raises(NotPossible, match="cannot be tried"):
        scene.buy("monthly-v1", trial=True)
    with pytest.raises(KeyError, match="no customer nobody"):
        scene.market.shop.buy("nobody", "monthly-v1")
    assert scene.market.database.count(Subscription) == 0
    assert scene.market.database.next_number("subscription") == 1


def test_version_1_has_no_question_before_a_change(scene: Scene) -> None:
    with pytest.raises(NotPossible) as caught:
        scene.market.shop.ask_change(scene.bought("yearly-v1"), SHELF["yearly-v1"].plans[1].id)
    assert caught.value.reason == "no-question"


def test_periods_end_with_a_day_in_beijing(scene: Scene) -> None:
    assert scene.at(scene.bought("monthly-v1")).expires_at == datetime(2026, 4, 1, 15, 59, 59, tzinfo=UTC)
    assert scene.at(scene.bought("yearly-v2", trial=True)).expires_at == datetime(2026, 3, 9, 15, 59, 59, tzinfo=UTC)


def test_a_purchase_of_version_1_says_all_about_it(scene: Scene) -> None:
    subscription = scene.at(scene.bought("yearly-v1", trial=True))
    (told,) = scene.seller.told("newInstance")
    plan = SHELF["yearly-v1"].plans[0]
    wanted = {
        "orderId": subscription.order_id,
        "customerId": subscription.customer_id,
        "customerName": "acme",
        "productId": plan.id,
        "skuCode": plan.sku_code,
        "chargingMode": "1",
        "periodType": "day",
        "periodNumber": "7",
        "expireTime": "20260309235959",
        "orderAmount": "0.00",
        "trialFlag": "1",
        "amount": "10",
    }
    assert wanted.items() <= told.items()
    assert {"testFlag", "instanceId"}.isdisjoint(told)
    assert decode_extend_params(told["saasExtendParams"]) == {"emailDomainName": "mail.example.com"}
    assert len(told["mobilePhone"]) == 16 + 24


@pytest.mark.parametrize(
    ("product", "mode", "absent"),
    [
        ("one-time-v1", "3", {"expireTime", "periodType", "periodNumber", "trialFlag", "saasExtendParams"}),
        ("pay-per-use-v1", "0", {"expireTime", "periodType", "amount"}),
        ("package-v1", "5", {"periodType", "periodNumber", "amount"}),
    ],
)
def test_other_products_leave_out_what_they_have_not(scene: Scene, product: str, mode: str, absent: set[str]) -> None:
    scene.bought(product)
    (told,) = scene.seller.told("newInstance")
    assert told["chargingMode"] == mode
    assert absent.isdisjoint(told)
    assert ("expireTime" in told) == (product == "package-v1")


def test_version_2_gives_ids_only(scene: Scene) -> None:
    subscription = scene.at(scene.bought("yearly-v2"))
    (told,) = scene.seller.told("newInstance")
    line = f"{subscription.order_id}-000001"
    assert set(told) == {"activity", "orderId", "orderLineId", "businessId"}
    assert (told["orderId"], told["orderLineId"]) == (subscription.order_id, line)
    (notice,) = scene.seller.told("orderNotify")
    assert notice == {
        "activity": "orderNotify",
        "orderId": subscription.order_id,
        "orderLineId": line,
        "testFlag": "0",
    }


def scenes(scene: Scene) -> list[str]:
    return [told["scene"] for told in scene.seller.told("refreshInstance")]


def test_version_2_names_the_scene_of_a_renewal(scene: Scene) -> None:
    plans = SHELF["yearly-v2"].plans
    subscription = scene.bought("yearly-v2", trial=True)
    acts: tuple[Callable[[], object], ...] = (
        lambda: scene.market.shop.convert(subscription),
        lambda: scene.market.shop.renew(subscription),
        lambda: scene.market.shop.return_renewal(subscription),
        lambda: scene.market.shop.renew(subscription, plans[1].id),
    )
    for act in acts:
        act()
        scene.market.run_due()
    assert scenes(scene) == ["TRIAL_TO_FORMAL", "RENEWAL", "UNSUBSCRIBE_RENEWAL_PERIOD", "RENEWAL_CHANGE"]
    last = scene.seller.told("refreshInstance")[-1]
    assert (last["productId"], last["expireTime"]) == (plans[1].id, "20280301155959")
    assert scene.at(subscription).plan == plans[1].id


def test_version_1_tells_money_and_dates(scene: Scene) -> None:
    plans = SHELF["yearly-v1"].plans
    subscription = scene.bought("yearly-v1", trial=True)
    acts: tuple[Callable[[], object], ...] = (
        lambda: scene.market.shop.convert(subscription),
        lambda: scene.market.shop.renew(subscription),
        lambda: scene.market.shop.return_renewal(subscription),
        lambda: scene.market.shop.upgrade(subscription, plans[1].id),
        lambda: scene.market.shop.unsubscribe(subscription),
    )
    for act in acts:
        act()
        scene.market.run_due()
    told = scene.seller.told("refreshInstance")
    assert [each.get("trialToFormal") for each in told] == ["1", None, None]
    assert [each["orderAmount"] for each in told] == ["100.00", "100.00", "-100.00"]
    assert [each["expireTime"] for each in told] == ["20270302235959", "20280301235959", "20270302235959"]
    (upgrade,) = scene.seller.told("upgrade")
    wanted = {"skuCode": plans[1].sku_code, "productId": plans[1].id, "amount": "20", "orderAmount": "200.00"}
    assert wanted.items() <= upgrade.items()
    (release,) = scene.seller.told("releaseInstance")
    assert (release["orderId"], release["orderAmount"]) == (scene.at(subscription).order_id, "200.00")


def test_a_question_before_a_change(scene: Scene) -> None:
    plan = SHELF["yearly-v2"].plans[1]
    subscription = scene.bought("yearly-v2")
    scene.market.shop.ask_change(subscription, plan.id)
    scene.market.run_due()
    (asked,) = scene.seller.told("changeInstanceCheck")
    assert asked["productInfo"] == {"productId": plan.id, "skuCode": plan.sku_code, "linearValue": plan.quantity}


def test_messages_hold_no_secret_of_the_wire(scene: Scene) -> None:
    """What makes a call genuine is made anew for each attempt."""
    scene.bought("yearly-v1")
    scene.bought("yearly-v2")
    fields = {name for message in scene.market.database.all(Message) for name in message.fields}
    assert not fields & {"authToken", "timeStamp", "signature", "nonce", "businessId"}
    assert (
        scene.message(scene.market.database.all(Subscription)[0].id, Purpose.PURCHASE).fields["mobilePhone"].isdigit()
    )
