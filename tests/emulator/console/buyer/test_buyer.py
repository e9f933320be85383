"""The buyer's page: each act, each refusal, and what it shows of both."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from emulator.console.buyer.actions import do, offers
from emulator.marketplace.catalogue.products import SHELF, ListedProduct, Shelf
from emulator.marketplace.delivery.messages import Message, Purpose
from emulator.marketplace.market import Market
from emulator.marketplace.storage.transactions import NotPossible
from emulator.marketplace.subscriptions.actions import ACTIONS, VIOLATION
from emulator.marketplace.subscriptions.orders import OrderState, PlacedOrder
from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from shared.http import HttpResponse
from tests.emulator.console.world import ConsoleWorld
from tests.emulator.console.world import world as make_world

CAUSED = re.compile(r'href="/calls/\d+" hx-boost="false">(\w+)</a> <span class="dim">#')


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with make_world(tmp_path) as made:
        yield made


def act(world: ConsoleWorld, mine: Subscription, name: str, **form: str) -> str:
    """The page after a click."""
    address = f"/buyer/{mine.customer_id}/subscriptions/{mine.id}/{name}"
    response = world.client.post(address, data=form, follow_redirects=True)
    assert response.status_code in (200, 422)
    return response.text


def now(world: ConsoleWorld, mine: Subscription) -> Subscription:
    return world.market.database.the(Subscription, mine.id)


@pytest.mark.sweep
@pytest.mark.parametrize("product", SHELF)
def test_everything_on_the_shelf_can_be_bought(world: ConsoleWorld, product: str) -> None:
    form = {"product": product}
    page = world.client.post(f"/buyer/{world.customer.id}/buy", data=form, follow_redirects=True).text
    mine = world.market.database.all(Subscription)[-1]
    assert (mine.product, mine.status) == (product, SubscriptionStatus.ACTIVE)
    assert mine.instance_id in page
    caused = CAUSED.findall(page)
    assert caused == (["newInstance"] if product.endswith("v1") else ["newInstance", "orderNotify"])


def test_the_chosen_plan_is_bought(world: ConsoleWorld) -> None:
    plan = SHELF["monthly-v2"].plans[2]
    mine = world.bought("monthly-v2", plan=plan.id)
    assert (mine.plan, mine.quantity) == (plan.id, 50)
    assert "¥500.00" in world.client.get("/buyer").text


@pytest.mark.parametrize("product", ["yearly-v1", "yearly-v2"])
def test_try_then_convert(world: ConsoleWorld, product: str) -> None:
    trial = world.bought(product, trial="1")
    assert trial.trial
    assert "refreshInstance" in CAUSED.findall(act(world, trial, "convert"))
    assert not now(world, trial).trial


@pytest.mark.parametrize("product", ["yearly-v1", "yearly-v2"])
def test_renewed_and_returned(world: ConsoleWorld, product: str) -> None:
    mine = world.bought(product)
    assert CAUSED.findall(act(world, mine, "renew")) == ["refreshInstance"]
    renewed = now(world, mine)
    assert mine.expires_at
    assert renewed.expires_at == mine.expires_at + timedelta(days=365)
    act(world, mine, "return")
    assert now(world, mine).expires_at == mine.expires_at


@pytest.mark.parametrize(("product", "calls"), [("yearly-v1", 1), ("yearly-v2", 2)])
def test_renewed_with_change(world: ConsoleWorld, product: str, calls: int) -> None:
    """Version 2 asks the seller first."""
    mine, plan = world.bought(product), SHELF[product].plans[1].id
    caused = CAUSED.findall(act(world, mine, "renew-change", plan=plan))
    assert caused == ["changeInstanceCheck", "refreshInstance"][-calls:]
    assert now(world, mine).plan == plan


def test_a_change_the_seller_does_not_agree_to_is_not_ordered(world: ConsoleWorld) -> None:
    mine = world.bought("yearly-v2")
    world.refuse()
    page = act(world, mine, "renew-change", plan=SHELF["yearly-v2"].plans[1].id)
    assert "The seller did not agree" in page
    assert CAUSED.findall(page) == ["changeInstanceCheck"]
    assert len(world.market.database.all(PlacedOrder, mine.id)) == 1


@pytest.mark.parametrize(("product", "activity"), [("yearly-v1", "upgrade"), ("yearly-v2", "upgradeInstance")])
def test_upgraded(world: ConsoleWorld, product: str, activity: str) -> None:
    mine, plan = world.bought(product), SHELF[product].plans[2].id
    assert CAUSED.findall(act(world, mine, "upgrade", plan=plan)) == [activity]
    assert now(world, mine).plan == plan


@pytest.mark.parametrize(
    ("product", "activity"), [("one-time-v1", "instanceStatus"), ("yearly-v2", "updateInstanceStatus")]
)
def test_frozen_and_unfrozen(world: ConsoleWorld, product: str, activity: str) -> None:
    mine = world.bought(product)
    page = act(world, mine, "freeze")
    assert CAUSED.findall(page) == [activity]
    assert "frozen: violation" in page
    assert now(world, mine).frozen_for == VIOLATION
    assert CAUSED.findall(act(world, mine, "unfreeze")) == [activity]
    assert now(world, mine).status is SubscriptionStatus.ACTIVE


@pytest.mark.parametrize(("product", "name"), [("pay-per-use-v2", "close"), ("one-time-v1", "unsubscribe")])
def test_given_up(world: ConsoleWorld, product: str, name: str) -> None:
    mine = world.bought(product)
    assert CAUSED.findall(act(world, mine, name)) == ["releaseInstance"]
    assert now(world, mine).status is SubscriptionStatus.RELEASED


@pytest.mark.parametrize("product", ["yearly-v1", "yearly-v2"])
def test_the_way_in_is_shown_in_clear(world: ConsoleWorld, product: str) -> None:
    mine = world.bought(product)
    page = act(world, mine, "open")
    assert f"https://demo.example/{mine.instance_id}" in page
    assert re.search(r"<code>demo-\w{8}</code>", page), "the user name, decrypted in version 1"
    assert "cannot be decrypted" not in page


def test_what_cannot_be_decrypted_is_said(world: ConsoleWorld) -> None:
    access = b'{"frontEndUrl":"https://x.example/","userName":"0123456789abcdefnonsense"}'
    body = b'{"resultCode":"000000","resultMsg":"ok","instanceId":"i-1","appInfo":' + access + b"}"
    world.answers.append(HttpResponse(200, {"Content-Type": "application/json"}, body))
    world.bought("one-time-v1")
    assert "cannot be decrypted" in world.client.get("/buyer").text


def test_a_failed_attempt_says_why_and_when_the_next_is(world: ConsoleWorld) -> None:
    world.refuse()
    mine = world.bought("yearly-v1")
    page = world.client.get("/buyer?since=0").text
    assert mine.status is SubscriptionStatus.OPENING
    assert "next attempt" in page
    assert 'class="verdict failed"' in page
    assert 'hx-trigger="every 1s"' in page, "as long as something is on its way"


def test_an_instance_that_is_being_opened_has_no_buttons(world: ConsoleWorld) -> None:
    world.refuse()
    world.bought("yearly-v1")
    assert 'id="do-' not in world.client.get("/buyer").text


def test_off_the_shelf(world: ConsoleWorld) -> None:
    product = world.market.database.the(ListedProduct, "monthly-v1")
    world.market.database.put(product.model_copy(update={"shelf": Shelf.HIDDEN}))
    form = {"product": "monthly-v1"}
    page = world.client.post(f"/buyer/{world.customer.id}/buy?lang=zh", data=form, follow_redirects=True).text
    assert "该商品当前不在售" in page
    assert "已隐藏" in page
    assert not world.market.database.count(Subscription)


def test_two_orders_at_once(world: ConsoleWorld) -> None:
    mine = world.bought("yearly-v1")
    world.refuse()
    act(world, mine, "renew")
    assert "just being told of another order" in act(world, mine, "renew")
    orders = world.market.database.all(PlacedOrder, mine.id)
    assert [order.state for order in orders] == [OrderState.DONE, OrderState.PAID]


def test_nothing_at_wrong_addresses(world: ConsoleWorld) -> None:
    mine = world.bought("yearly-v1")
    for path in (f"{mine.id}/fly", "nobody/renew"):
        assert world.client.post(f"/buyer/{mine.customer_id}/subscriptions/{path}").status_code == 404
    assert world.client.post(f"/buyer/{mine.customer_id}/buy", data={"product": "none"}).status_code == 404
    assert world.client.get("/buyer?customer=none&subscription=none&since=%C2%B2").status_code == 200


def test_arrears_freeze_after_the_time_of_grace_and_payment_unfreezes(world: ConsoleWorld) -> None:
    mine, address = world.bought("pay-per-use-v2"), f"/buyer/{world.customer.id}/arrears"
    page = world.client.post(address, follow_redirects=True).text
    assert "in arrears" in page
    assert now(world, mine).status is SubscriptionStatus.ACTIVE
    world.market.advance(timedelta(hours=25))
    assert now(world, mine).frozen_for == "arrears"
    refused = world.client.post(
        f"/buyer/{world.customer.id}/buy", data={"product": "package-v1"}, follow_redirects=True
    ).text
    assert "This customer owes money" in refused
    page = world.client.post(address, data={"pay": "1"}, follow_redirects=True).text
    assert CAUSED.findall(page) == ["updateInstanceStatus"]
    assert now(world, mine).status is SubscriptionStatus.ACTIVE
    assert world.client.post("/buyer/nobody/arrears").status_code == 404


def _with_members(market: Market, mine: Subscription, **members: object) -> Subscription:
    changed = mine.model_copy(update=members)
    market.database.put(changed)
    return changed


@pytest.mark.parametrize("product", ["yearly-v1", "yearly-v2", "one-time-v2", "pay-per-use-v1"])
@pytest.mark.parametrize(
    "members",
    [
        {},
        {"trial": True},
        {"status": SubscriptionStatus.FROZEN, "frozen_for": "expired"},
        {"status": SubscriptionStatus.FROZEN, "frozen_for": "arrears"},
        {"status": SubscriptionStatus.FROZEN, "frozen_for": VIOLATION},
        {"status": SubscriptionStatus.RELEASED},
    ],
)
def test_buttons_are_what_the_shop_lets_do(world: ConsoleWorld, product: str, members: dict[str, object]) -> None:
    """Each button that is shown works, and each that is not would be refused."""
    bought = world.bought(product)
    for name in ACTIONS:
        mine = _with_members(world.market, bought, **members)
        listed = world.market.database.the(ListedProduct, product)
        shown = {offer.name: offer.plans for offer in offers(mine, listed)}
        if name in shown:
            plans = shown[name]
            do(world.market, name, mine.id, plans[0].id if plans else "")
        elif name not in ("renew-change", "upgrade") or listed.plans[1:]:
            with pytest.raises(NotPossible):
                do(world.market, name, mine.id, listed.plans[-1].id)
        world.market.run_due()


def test_messages_of_others_are_not_this_clicks(world: ConsoleWorld) -> None:
    first = world.bought("yearly-v1")
    page = act(world, first, "query")
    assert CAUSED.findall(page) == ["queryInstance"]
    assert [message.purpose for message in world.market.database.all(Message)] == [Purpose.PURCHASE, Purpose.QUERY]


def test_the_next_call_goes_wrong_and_is_tried_again_at_once(world: ConsoleWorld) -> None:
    mine = world.bought("monthly-v2")
    form = {"fault": "answer-lost", "subscription": mine.id}
    page = world.client.post(f"/buyer/{mine.customer_id}/fault", data=form, follow_redirects=True).text
    assert "The next call that this fits meets it: The answer is lost" in page
    page = act(world, mine, "renew")
    assert "fault injected" in page
    retry = re.search(r'action="(/seller/messages/[^"]+/try)".*?name="since" value="(\d+)"', page)
    assert retry
    page = world.client.post(retry[1], data={"since": retry[2]}, follow_redirects=True).text
    assert CAUSED.findall(page) == ["refreshInstance", "refreshInstance"]
    assert "next attempt" not in page


def test_only_what_happens_to_calls_can_be_chosen(world: ConsoleWorld) -> None:
    for fault in ("usage-throttled", "nothing", ""):
        assert world.client.post(f"/buyer/{world.customer.id}/fault", data={"fault": fault}).status_code == 404
