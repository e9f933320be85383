"""What the seller is sent, and what buyers may do, under the other readings."""

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from emulator.marketplace.catalogue.products import ListedProduct
from emulator.marketplace.faults.readings import MOST_OFF, READINGS, mixed, wrong_by
from emulator.marketplace.storage.transactions import NotPossible
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.orders import PlacedOrder
from emulator.marketplace.subscriptions.subscription import Subscription
from shared.http import HttpRequest
from tests.emulator.marketplace.scripted import NOW, ScriptedMarket, scripted_market

V1, V2 = "yearly-v1", "yearly-v2"


@pytest.fixture
def scene() -> Iterator[ScriptedMarket]:
    with scripted_market() as made:
        yield made


def members(call: HttpRequest) -> Mapping[str, Any]:
    return json.loads(call.body) if call.body else dict(call.query)


def first_and_repeat(scene: ScriptedMarket, reading: str, product: str) -> list[Mapping[str, Any]]:
    """The two attempts of a purchase, the first of which is answered in vain."""
    scene.market.readings.set(reading, 1)
    scene.seller.codes = ["000005"]
    scene.bought(product)
    scene.market.run_due()
    scene.market.advance(timedelta(hours=1, minutes=1))
    return [members(call) for call in scene.told("newInstance")]


def test_a_repeat_with_less(scene: ScriptedMarket) -> None:
    first, again = first_and_repeat(scene, "fewer-on-repeats", V1)
    assert {"chargingMode", "orderAmount", "email"} <= first.keys()
    assert not {"chargingMode", "orderAmount", "email"} & again.keys()
    assert again["orderId"] == first["orderId"]


def test_a_repeat_with_another_amount(scene: ScriptedMarket) -> None:
    first, again = first_and_repeat(scene, "other-amount", V1)
    assert (first["orderAmount"], again["orderAmount"]) == ("100.00", "7.77")


def test_a_repeat_with_the_line(scene: ScriptedMarket) -> None:
    first, again = first_and_repeat(scene, "line-later", V2)
    assert "orderLineId" not in first
    assert again["orderLineId"] == f"{first['orderId']}-000001"


def test_which_of_several_lines_is_always_told(scene: ScriptedMarket) -> None:
    scene.market.readings.set("several-products", 1)
    calls = first_and_repeat(scene, "line-later", "pay-per-use-v2")
    assert all("orderLineId" in call for call in calls)


def test_a_spoilt_signature_is_another_one_however_it_is_spelt(scene: ScriptedMarket) -> None:
    scene.market.readings.set("lower-case", 1)
    scene.market.switches.set("wrong-signature", 1)
    for _ in range(12):
        scene.bought(V2)
        scene.market.run_due()
    assert {line.code for line in scene.lines() if line.fault == "wrong-signature"} == {"000001"}


def one(scene: ScriptedMarket, reading: str, product: str, activity: str = "newInstance") -> HttpRequest:
    """The call of an activity under a reading."""
    scene.market.readings.set(reading, 1)
    scene.bought(product)
    scene.market.run_due()
    return scene.told(activity)[-1]


def test_base64_in_lines(scene: ScriptedMarket) -> None:
    sent = members(one(scene, "wrapped-base64", V1))
    assert all(sent[name].endswith("\r\n") for name in ("email", "mobilePhone", "saasExtendParams"))
    assert json.loads(base64.b64decode(sent["saasExtendParams"]))[0]["name"] == "emailDomainName"


def test_seconds_and_lower_case(scene: ScriptedMarket) -> None:
    scene.market.readings.set("lower-case", 1)
    call = one(scene, "seconds", V2)
    signature, timestamp = call.first("signature") or "", call.first("timestamp") or ""
    assert signature == signature.lower()
    assert len(timestamp) == 10
    assert [line.verdict for line in scene.lines()] == ["passed"]


@pytest.mark.parametrize(
    ("reading", "product", "name", "value"),
    [
        ("flag-zero", V1, "testFlag", "0"),
        ("flag-zero", V2, "testFlag", "0"),
        ("new-parameter", V1, "channelCode", "a value of next year"),
        ("line-numbers", V2, "orderLineId", "-000017"),
    ],
)
def test_members(scene: ScriptedMarket, reading: str, product: str, name: str, value: str) -> None:
    assert str(members(one(scene, reading, product))[name]).endswith(value)


def test_the_clock_is_wrong_by_the_same_all_the_time(scene: ScriptedMarket) -> None:
    call = one(scene, "clock-off", V2)
    off = int(call.first("timestamp") or 0) / 1000 - NOW.timestamp()
    assert off == pytest.approx(wrong_by(1).total_seconds(), abs=5)
    assert 1 < abs(wrong_by(1).total_seconds()) <= MOST_OFF


@pytest.mark.parametrize("product", [V1, V2])
def test_a_renewal_is_returned_under_its_own_id(scene: ScriptedMarket, product: str) -> None:
    scene.market.readings.set("own-order-id", 1)
    mine = scene.bought(product)
    for act in (scene.market.shop.renew, scene.market.shop.return_renewal):
        scene.market.run_due()
        act(mine)
    scene.market.run_due()
    renewal, back = (members(call) for call in scene.told("refreshInstance"))
    assert back["orderId"] == renewal["orderId"]
    assert back.get("scene", "") == ("UNSUBSCRIBE_RENEWAL_PERIOD" if product == V2 else "")
    assert float(back.get("orderAmount", "-1")) < 0


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_an_order_of_two_products(scene: ScriptedMarket, version: str) -> None:
    scene.market.readings.set("several-products", 1)
    mine = scene.market.database.the(Subscription, scene.bought(f"pay-per-use-{version}"))
    scene.market.run_due()
    first, second = (members(call) for call in scene.told("newInstance"))
    assert first["orderId"] == second["orderId"] == mine.order_id
    differing = "orderLineId" if version == "v2" else "productId"
    assert first[differing] != second[differing]
    order = scene.market.orders.get(mine.order_id)
    assert order is not None
    assert len({line.specification.product_id for line in order.lines}) == 2


def test_returns_within_five_days_only(scene: ScriptedMarket) -> None:
    scene.market.readings.set("strict-returns", 1)
    early, late = scene.bought(V1), scene.bought(V1)
    scene.market.run_due()
    scene.market.advance(timedelta(days=4))
    scene.market.shop.unsubscribe(early)
    scene.market.advance(timedelta(days=2))
    with pytest.raises(NotPossible, match="5 days"):
        scene.market.shop.unsubscribe(late)


def test_ten_returns_a_year(scene: ScriptedMarket) -> None:
    scene.market.readings.set("strict-returns", 1)
    mine = [scene.bought("one-time-v1") for _ in range(11)]
    for each in mine[:10]:
        scene.market.run_due()
        scene.market.shop.unsubscribe(each)
    with pytest.raises(NotPossible, match="10"):
        scene.market.shop.unsubscribe(mine[10])


@pytest.mark.parametrize("product", ["pay-per-use-v2", "package-v1"])
def test_what_is_paid_by_use_cannot_be_returned_but_closed(scene: ScriptedMarket, product: str) -> None:
    mine = scene.bought(product)
    scene.market.run_due()
    with pytest.raises(NotPossible, match="cannot be returned"):
        scene.market.shop.unsubscribe(mine)
    scene.market.shop.close(mine)
    scene.market.run_due()
    assert "orderLineId" not in members(scene.told("releaseInstance")[-1]), "no order: it is no return"


def test_a_smaller_plan_is_no_upgrade(scene: ScriptedMarket) -> None:
    product = scene.market.database.the(Subscription, scene.bought(V1)).product
    plans = [plan.id for plan in scene.market.database.the(ListedProduct, product).plans]
    mine = scene.market.shop.buy(scene.market.database.all(Customer)[0].id, product, plans[1]).id
    scene.market.run_due()
    with pytest.raises(NotPossible, match="larger"):
        scene.market.shop.upgrade(mine, plans[0])


def test_the_impatient_do_not_wait(scene: ScriptedMarket) -> None:
    mine = scene.bought(V2)
    scene.market.run_due()
    scene.seller.codes = ["000005"]
    scene.market.shop.renew(mine)
    scene.market.run_due()
    with pytest.raises(NotPossible, match="another order"):
        scene.market.shop.renew(mine)
    scene.market.readings.set("impatient", 1)
    scene.market.shop.renew(mine)
    scene.market.run_due()
    newer = scene.market.database.the(Subscription, mine).expires_at
    scene.market.advance(timedelta(hours=2))
    after = scene.market.database.the(Subscription, mine)
    renewals = [order.id for order in scene.market.database.all(PlacedOrder, mine)][1:]
    assert after.expires_at == newer, "the older one, told later, moves nothing back"
    assert list(after.renewals) == renewals


def test_the_impatient_wait_until_the_seller_has_heard_of_the_first(scene: ScriptedMarket) -> None:
    mine = scene.bought(V1)
    scene.market.run_due()
    scene.market.readings.set("impatient", 1)
    scene.market.shop.upgrade(mine, "00300-666602-0--0")
    with pytest.raises(NotPossible, match="another order"):
        scene.market.shop.upgrade(mine, "00300-666603-0--0")
    scene.seller.codes = ["000005"]
    scene.market.run_due()
    scene.market.shop.upgrade(mine, "00300-666603-0--0")


def test_a_mixture_follows_from_the_seed() -> None:
    assert mixed(3) == mixed(3) != mixed(4)
    assert mixed(3).keys() == READINGS.keys()
