"""The home page: healthy or not and why, what is at risk, what comes, and the guide."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from time import sleep

import pytest

from emulator.console.home.causes import causes
from emulator.console.home.guide import STEPS
from emulator.marketplace.subscriptions.subscription import Subscription
from emulator.seller.application import usage_event
from shared.http import HttpResponse
from tests.emulator.console.world import ConsoleWorld
from tests.emulator.console.world import world as make_world

UNSIGNED = HttpResponse(200, {"Content-Type": "application/json"}, b'{"resultCode":"000000","resultMsg":"success."}')


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with make_world(tmp_path) as made:
        yield made


def home(world: ConsoleWorld) -> str:
    response = world.client.get("/")
    assert response.status_code == 200
    return response.text


def test_at_first_there_is_nothing_to_mend_and_a_guide(world: ConsoleWorld) -> None:
    page = home(world)
    assert "Your integration is healthy" in page
    assert "Nothing was called yet" in page
    assert "Four clicks to begin" in page
    assert page.count('aria-current="step"') == 1


def test_one_mistake_is_one_cause_however_many_calls_met_it(world: ConsoleWorld) -> None:
    world.answers += [UNSIGNED] * 6
    for product in ("yearly-v1", "monthly-v1", "one-time-v2"):
        world.bought(product)
    page = home(world)
    assert "1 thing to mend" in page
    assert page.count('class="rank"') == 1
    assert "no Body-Sign header" in page
    assert "Look for a gateway that drops it" in page
    assert "3 calls" in page
    assert "See why it fails" in page


def test_causes_are_ranked_and_what_was_mended_is_last(world: ConsoleWorld) -> None:
    world.answers += [UNSIGNED, UNSIGNED]
    world.bought("yearly-v1")
    world.bought("one-time-v1")
    world.market.advance(timedelta(hours=1))
    assert [(cause.failure.id, cause.calls, cause.mended) for cause in causes(world.market.timeline)] == [
        ("sign.present", 2, True)
    ]
    assert "Mended: such calls have passed since" in home(world)
    assert "Your integration is healthy" in home(world)
    world.refuse(1)
    world.bought("monthly-v1")
    found = causes(world.market.timeline)
    assert [(cause.failure.id, cause.mended) for cause in found] == [("http.status", False), ("sign.present", True)]


def test_orders_at_risk_say_until_when(world: ConsoleWorld) -> None:
    world.refuse(1)
    world.bought("yearly-v1")
    page = home(world)
    assert "tried 1 time<" in page
    until = world.clock.now() + timedelta(hours=3)
    assert re.search(rf"refunded at {until:%m-%d %H}:[0-9]{{2}} UTC", page)
    world.market.advance(timedelta(hours=1))
    assert "No order and no product is at risk" in home(world)


def test_a_fault_of_the_marketplace_is_nothing_to_mend(world: ConsoleWorld) -> None:
    world.market.switches.inject("lost", 1)
    world.bought("yearly-v1")
    page = home(world)
    assert "things to mend" not in page
    assert "1 met a fault of the marketplace" in page


def test_usage_that_waits(world: ConsoleWorld) -> None:
    mine = world.bought("pay-per-use-v2")
    assert world.context.application
    event = usage_event("event", mine.instance_id, world.clock.now(), Decimal("2.5"))
    world.context.application.post_usage([event])
    page = home(world)
    assert "2.5</strong> of 1 instance, until" in page
    world.context.seller = None
    assert "Nothing waits to be reported" in home(world)


def test_four_clicks(world: ConsoleWorld) -> None:
    def click(step: str) -> str:
        return world.client.post(f"/guide/{step}").headers["Location"]

    assert click("year") == "/", "one after the other"
    assert click("buy").startswith("/buyer?")
    (bought,) = world.market.database.all(Subscription)
    assert bought.instance_id
    assert click("break") == "/"
    page = home(world)
    assert page.count(">Done<") == 2
    assert "Open the call" in page
    call = world.client.get(click("why")).text
    assert "The seller is not to blame" in call
    assert "resultCode" in call
    assert click("year") == "/clock"
    assert "Four clicks to begin" not in home(world)
    while "Stop here" in world.client.get("/clock").text:
        sleep(0.1)


@pytest.mark.parametrize("taken", range(len(STEPS)))
def test_the_guide_can_be_hidden_at_any_step(world: ConsoleWorld, taken: int) -> None:
    for step in STEPS[: min(taken, 3)]:
        world.client.post(f"/guide/{step}")
    world.client.post("/guide/close")
    assert "Four clicks to begin" not in home(world)
    assert world.client.post("/guide/nonsense").status_code == 404


def test_a_purchase_that_is_gone_leaves_the_faults_as_they_are(world: ConsoleWorld) -> None:
    world.client.post("/guide/buy")
    world.market.switches.set("lost", 0.25)
    (bought,) = world.market.database.all(Subscription)
    world.client.post(f"/buyer/{bought.customer_id}/subscriptions/{bought.id}/unsubscribe")
    assert "What the guide bought is there no more" in world.client.post("/guide/break").text
    assert world.market.switches.on() == {"lost": 0.25}
    world.market.switches.set("lost", 0)
    world.bought("yearly-v1")
    last = world.market.timeline.lines(limit=1)[0]
    assert (last.fault, last.verdict) == ("", "passed"), "no answer is lost any more"


@pytest.mark.parametrize("query", ["call=1", "direction=in&verdict=failed", "about=CS1", "before=7"])
def test_old_addresses_of_the_list_lead_to_it(world: ConsoleWorld, query: str) -> None:
    assert world.client.get(f"/?{query}").headers["Location"] == f"/calls?{query}"
