"""What a fault of the marketplace does to a call is not said to be the seller's failure."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.marketplace.catalogue.products import SHELF
from emulator.marketplace.storage.call_filter import Filter
from emulator.marketplace.subscriptions.actions import ACTIONS
from emulator.marketplace.subscriptions.subscription import Subscription
from tests.emulator.console.world import ConsoleWorld
from tests.emulator.console.world import world as make_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with make_world(tmp_path) as made:
        yield made


@pytest.mark.parametrize(
    ("fault", "answered"), [("lost", "The seller never saw this call"), ("answer-lost", "The seller did its part")]
)
def test_a_call_that_a_fault_has_ended(world: ConsoleWorld, fault: str, answered: str) -> None:
    world.market.switches.inject(fault, 1)
    world.bought("yearly-v1")
    (line,) = world.market.timeline.lines(Filter(verdict="injected"))
    page = world.client.get(f"/calls/{line.number}").text
    assert "The seller is not to blame" in page
    assert answered in page
    assert ("resultCode" in page) == (fault == "answer-lost"), "what the seller really answered"
    for blame in ("reachable from the internet", "Required:", "verdict failed", 'class="bad"'):
        assert blame not in page, blame
    assert "verdict failed" not in world.client.get("/calls?verdict=injected").text
    assert not world.market.timeline.count(Filter(verdict="failed"))


def test_what_the_seller_itself_does_not_answer_is_its_failure(world: ConsoleWorld) -> None:
    world.refuse()
    world.bought("yearly-v1")
    (line,) = world.market.timeline.lines(Filter(verdict="failed"))
    page = world.client.get(f"/calls/{line.number}").text
    found = re.search(r'<ul class="checks">.*?</ul>', page, re.DOTALL)
    assert found
    assert found[0].index("HTTP status 503") < found[0].index("Required: the HTTP status is 200")


@pytest.mark.parametrize("fault", ["orders-throttled", "orders-dropped"])
def test_a_fault_of_the_open_api(world: ConsoleWorld, fault: str) -> None:
    world.market.switches.inject(fault, 1)
    world.bought("yearly-v2")
    met = world.market.timeline.lines(Filter(direction="in", verdict="injected"))
    assert {each.fault for each in met} == {fault}
    page = world.client.get(f"/calls/{met[0].number}").text
    assert "answered so on purpose" in page
    row = world.client.get("/calls?direction=in&verdict=injected").text
    assert '<span class="bad">' not in row


def test_no_upgrade_leads_down(world: ConsoleWorld) -> None:
    mine = world.bought("yearly-v1", plan=SHELF["yearly-v1"].plans[1].id)
    product = SHELF["yearly-v1"]
    backwards = product.model_copy(update={"plans": product.plans[::-1]})
    for each in (product, backwards):
        for name in ("upgrade", "renew-change"):
            first = ACTIONS[name].plans(mine, each)[0]
            assert first.price > product.plan(mine.plan).price, name
    assert [plan.name for plan in backwards.larger(mine.plan)] == ["Enterprise"]


def test_what_is_ordered_already_is_offered_no_more(world: ConsoleWorld) -> None:
    mine = world.bought("yearly-v1")
    world.refuse()
    upgrade = f"/buyer/{world.customer.id}/subscriptions/{mine.id}/upgrade"
    world.client.post(upgrade, data={"plan": SHELF["yearly-v1"].plans[2].id})
    assert 'id="do-upgrade"' not in world.client.get("/buyer").text


def test_an_order_that_is_not_delivered_has_an_end(world: ConsoleWorld) -> None:
    world.refuse()
    world.bought("yearly-v1")
    page = world.client.get("/buyer").text
    assert "known once it is open" in page
    assert "no end" not in page
    assert world.market.database.count(Subscription) == 1
    world.bought("one-time-v1")
    assert "no end" in world.client.get("/buyer").text
