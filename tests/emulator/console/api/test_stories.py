"""The stories of the console as JSON: an instance's life, what is to be mended, calls beside one another, log lines."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from emulator.marketplace.delivery.messages import Delivery, Message
from tests.emulator.console.api.described import asked
from tests.emulator.console.world import ConsoleWorld
from tests.emulator.console.world import world as make_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleWorld]:
    """An instance whose renewal failed once, and one whose messages all came through."""
    folder: Path = tmp_path_factory.mktemp("stories")
    with make_world(folder) as made:
        made.bought("yearly-v2")
        mine = made.bought("monthly-v2")
        made.refuse()
        made.client.post(f"/buyer/{mine.customer_id}/subscriptions/{mine.id}/renew")
        yield made


@pytest.fixture
def failed(world: ConsoleWorld) -> Message:
    return next(each for each in world.market.database.all(Message) if each.problem)


def test_the_story_of_an_instance_by_its_moments(world: ConsoleWorld, failed: Message) -> None:
    whole = asked(world.client, "get", f"/instances/{failed.instance_id}/story", 200)
    assert (whole["step"], whole["cut"]) == (len(whole["times"]) - 1, False)
    assert [each["name"] for each in whole["stages"]][:2] == ["bought", "active"]
    kinds = [each["kind"] for each in whole["events"]]
    assert {"order", "message", "mail"} <= {*kinds}
    mail = next(each["mail"] for each in whole["events"] if each["kind"] == "mail")
    assert (mail["messageId"], mail["instance"]) == (failed.id, failed.instance_id)
    opened = next(each for each in whole["events"] if each["kind"] == "message")["attempts"][0]
    assert [each["what"] for each in opened["changed"]] == ["create"]
    assert opened["log"][-1]["fields"]["result"] == "000000"
    # A quick seller has answered in the millisecond of the order.
    reached = [each["name"] for each in whole["stages"] if each["at"] <= whole["times"][0]]
    first = asked(world.client, "get", f"/instances/{failed.about}/story?step=0", 200)
    assert (first["stage"]["name"], first["times"]) == (reached[-1], whole["times"])
    assert "mail" not in [each["kind"] for each in first["events"]]
    asked(world.client, "get", "/instances/none/story", 404)


def test_a_call_has_its_log_lines_and_says_who_made_it(world: ConsoleWorld) -> None:
    (number, *_) = world.market.database.all(Message)[0].calls
    call = asked(world.client, "get", f"/calls/{number}", 200)
    assert (call["source"], bool(call["requestId"])) == ("attempt", True)
    assert call["log"][-1]["fields"]["order_id"] == call["orderId"]


def test_two_calls_beside_one_another(world: ConsoleWorld) -> None:
    parts = asked(world.client, "get", "/calls/compare?left=1&right=2", 200)
    assert not all(each["same"] for each in parts["request-body"])
    asked(world.client, "get", "/calls/compare?left=1", 404)


def test_views_that_are_kept(world: ConsoleWorld) -> None:
    world.client.post("/calls/views", data={"name": "broken", "query": "verdict=failed"})
    views = asked(world.client, "get", "/views", 200)["views"]
    assert views == [{"name": "broken", "filters": {"verdict": "failed"}}]


def test_what_is_to_be_mended_and_tried_again(world: ConsoleWorld, failed: Message) -> None:
    found = asked(world.client, "get", "/overview", 200)
    assert (found["health"], found["next"]) == ("bad", "cause")
    (cause,), (order,), (failure,) = found["causes"], found["orders"], found["failures"]
    assert (cause["check"], cause["call"], cause["mended"]) == ("http.status", failed.calls[-1], False)
    assert order["message"]["id"] == failed.id
    assert failure["messages"] == [failed.id]
    body = {"failure": failure["failure"]}
    (tried,) = asked(world.client, "post", "/messages/retry", 200, body)["messages"]
    assert (tried["state"], tried["attempts"]) == (Delivery.DELIVERED, 2)
    assert asked(world.client, "post", "/messages/retry", 200, body) == {"messages": []}
    world.market.advance(timedelta(0))
    assert asked(world.client, "get", "/overview", 200)["failures"] == []


def test_other_readings_of_the_documents(world: ConsoleWorld) -> None:
    name = asked(world.client, "get", "/readings", 200)["readings"][0]["id"]
    changed = asked(world.client, "put", f"/readings/{name}", 200, {"rate": 1})["readings"]
    assert {each["id"]: each["rate"] for each in changed}[name] == 1
    asked(world.client, "put", f"/readings/{name}", 200, {"rate": 0})
    asked(world.client, "put", f"/readings/{name}", 400, {"rate": True})
    asked(world.client, "put", "/readings/none", 404, {"rate": 1})
