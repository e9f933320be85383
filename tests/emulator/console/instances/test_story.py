"""The story of an instance: from both sides, by time, as it stood at any moment; and what nobody knows."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from emulator.console.instances.story import InstanceStory, story
from emulator.console.times import to_millisecond
from emulator.marketplace.storage.call_filter import Filter
from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from tests.emulator.console.world import ConsoleWorld
from tests.emulator.console.world import world as make_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with make_world(tmp_path) as made:
        yield made


@pytest.fixture
def lived(world: ConsoleWorld) -> Subscription:
    """Bought at the second attempt, renewed, frozen at its end, released."""
    world.refuse()
    mine = world.bought("monthly-v2")
    world.market.advance(timedelta(hours=3))
    world.client.post(f"/buyer/{mine.customer_id}/subscriptions/{mine.id}/renew")
    world.market.advance(timedelta(days=150))
    return world.market.database.the(Subscription, mine.id)


def told(world: ConsoleWorld, mine: Subscription) -> InstanceStory:
    found = story(world.market, world.context.seller, mine.instance_id or mine.id)
    assert found is not None
    return found


def text_of(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def test_the_stops_of_a_life(world: ConsoleWorld, lived: Subscription) -> None:
    found = told(world, lived)
    assert [each.name for each in found.stages] == ["bought", "active", "renewed", "frozen", "released"]
    assert [each.status for each in found.stages] == ["opening", "active", "active", "frozen", "released"]
    bought, active, renewed, frozen, _ = found.stages
    assert (bought.expires_at, active.expires_at) == (None, found.orders[0].expires_at)
    assert renewed.expires_at == found.orders[1].expires_at == frozen.at.replace(microsecond=0)
    assert (found.stage, found.paid) == (found.stages[-1], sum(order.amount for order in found.orders))
    assert lived.status is SubscriptionStatus.RELEASED


def test_attempts_under_their_message_with_what_the_sellers_side_logged(
    world: ConsoleWorld, lived: Subscription
) -> None:
    purchase = next(each for each in told(world, lived).events if each.kind == "message")
    refused, done = purchase.attempts
    assert (refused.call.status, refused.logged, refused.changed) == (503, (), ())
    assert [line.fields["result"] for line in done.logged if "result" in line.fields] == ["000000"]
    assert [(each.what, each.by) for each in done.changed] == [("create", done.call.request_id)]


def test_every_step_is_the_state_of_its_time(world: ConsoleWorld, lived: Subscription) -> None:
    whole = told(world, lived)
    assert list(whole.times) == sorted(set(whole.times))
    for step, moment in enumerate(whole.times):
        shown = whole.at(step)
        assert shown.now == moment
        assert all(at <= moment for event in shown.events for at in event.times)
        assert all(to_millisecond(order.placed_at) <= moment for order in shown.orders)
    first = whole.at(0)
    assert first.stage is whole.stages[0]
    assert (first.ended, whole.ended, whole.at(10_000).ended) == (False, True, True)
    assert [whole.step_of(each.at) for each in whole.stages] == sorted(whole.step_of(each.at) for each in whole.stages)


def test_the_page_of_a_moment(world: ConsoleWorld, lived: Subscription) -> None:
    path = f"/instances/{lived.instance_id}"
    page = world.client.get(path).text
    assert "As it stands" in page
    assert all(word in text_of(page) for word in ("renewed", "Log (", "2 attempts", "ACTIVE → FROZEN"))
    early = world.client.get(f"{path}?step=0").text
    assert "As it stood then" in early
    assert "(not yet)" in text_of(early)
    assert 'aria-current="step"' in early
    assert world.client.get(f"{path}?step=nonsense").status_code == 200


def test_an_order_that_came_to_nothing(world: ConsoleWorld) -> None:
    world.refuse(4)
    mine = world.bought("yearly-v1")
    world.market.advance(timedelta(hours=4))
    found = told(world, mine)
    assert [each.name for each in found.stages] == ["bought", "refunded"]
    assert found.paid == 0
    assert world.client.get(f"/instances/{mine.id}").status_code == 200


def test_frozen_for_a_violation_and_out_of_it(world: ConsoleWorld) -> None:
    mine = world.bought("yearly-v1")
    for act in ("freeze", "unfreeze", "unsubscribe"):
        world.client.post(f"/buyer/{mine.customer_id}/subscriptions/{mine.id}/{act}")
    names = [each.name for each in told(world, mine).stages]
    assert names == ["bought", "active", "frozen", "unfrozen", "released"]


def test_an_id_that_nobody_knows(world: ConsoleWorld) -> None:
    answer = world.client.get("/instances/nothing-of-the-kind")
    assert answer.status_code == 404
    assert "No such instance" in answer.text
    assert "nothing-of-the-kind" in answer.text
    asked = world.client.get("/instances?id=nothing-of-the-kind")
    assert asked.headers["location"].endswith("/instances/nothing-of-the-kind")


def test_an_instance_that_was_not_bought_here(world: ConsoleWorld, lived: Subscription) -> None:
    """Its calls and the seller's own history are all there is."""
    database = world.market.database
    with database.changing():
        database.connection.execute("DELETE FROM document WHERE kind IN ('instancename', 'subscription')")
    page = world.client.get(f"/instances/{lived.instance_id}").text
    assert "not bought here" in page
    assert [each.name for each in told(world, lived).stages] == ["active", "renewed", "frozen", "released"]


def test_a_seller_that_is_elsewhere(world: ConsoleWorld, lived: Subscription) -> None:
    world.context.seller = None
    page = world.client.get(f"/instances/{lived.instance_id}").text
    assert "not within reach" in page


def test_the_list(world: ConsoleWorld, lived: Subscription) -> None:
    assert f'href="/instances/{lived.instance_id}"' in world.client.get("/instances").text


def test_a_link_from_wherever_its_id_stands(world: ConsoleWorld) -> None:
    mine, used = world.bought("monthly-v2"), world.bought("pay-per-use-v2")
    newest = world.market.timeline.lines(Filter(about=mine.instance_id))[0].number
    world.refuse()
    world.client.post(f"/buyer/{mine.customer_id}/subscriptions/{mine.id}/renew")
    link = f'href="/instances/{mine.instance_id}"'
    for path in ("/calls", f"/calls/{newest}", "/buyer", "/seller/messages", "/seller/orders", "/seller/mails"):
        assert link in world.client.get(path).text, path
    assert f'href="/instances/{used.instance_id}"' in world.client.get(f"/usage/{used.instance_id}").text


def test_a_call_has_what_was_logged_about_it(world: ConsoleWorld) -> None:
    mine = world.bought("monthly-v2")
    (number,) = (each.number for each in world.market.timeline.lines(Filter(activity="newInstance")))
    assert "Log (" in world.client.get(f"/calls/{number}").text
    assert mine.instance_id
    world.context.seller = None
    assert "Log (" not in world.client.get(f"/calls/{number}").text
