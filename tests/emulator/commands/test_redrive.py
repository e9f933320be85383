"""``koogallery redrive events``."""

import json
from pathlib import Path

import pytest

from emulator.commands.cli import main
from functions.relay import relay
from shared.clock import Deadline
from shared.instance.dead_letters import dead_letters
from shared.instance.history import Happening
from shared.instance.lookup import happened
from shared.relay.telling import GIVEN_UP_AFTER
from tests.event_receiver import EventReceiver, settings_of
from tests.world import World

KINDS = ["instance.created", "instance.activated", "order.completed"]


@pytest.fixture
def world(tmp_path: Path, receiver: EventReceiver) -> World:
    """Two instances, all whose events were given up."""
    world = World(tmp_path, settings_of(receiver))
    receiver.status = lambda _message: 500
    for number in (1, 2):
        world.buy(f"CS{number}", f"business-{number}")
    world.clock.advance(GIVEN_UP_AFTER * 2)
    relay(world.app, {}, Deadline(world.clock, 60))
    receiver.status = lambda _message: 204
    receiver.attempts.clear()
    return world


def kept(world: World) -> int:
    return len(list(dead_letters(world.app.tables.table("instances"))))


def redrives(world: World, instance_id: str) -> list[Happening]:
    return [each for each in happened(world.app, instance_id) if each.what == "redrive"]


def test_a_dry_run_tells_nobody(world: World, receiver: EventReceiver, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["redrive", "events", "--dry-run", "--json"]) == 0
    steps = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["instanceId"], each["what"]) for each in steps] == [
        (f"business-{number}", kind) for number in (1, 2) for kind in KINDS
    ]
    assert {each["result"] for each in steps} == {"would"}
    assert (receiver.attempts, kept(world)) == ([], 6)


def test_of_one_instance_then_of_all(world: World, receiver: EventReceiver) -> None:
    assert main(["redrive", "events", "business-2"]) == 0
    assert (receiver.told("business-2"), kept(world)) == (KINDS, 3)
    assert main(["redrive", "events"]) == 0
    assert (receiver.told("business-1"), kept(world)) == (KINDS, 0)
    assert main(["redrive", "events"]) == 0
    assert len(receiver.attempts) == 6


def test_what_is_refused_keeps_back_its_instance_only(world: World, receiver: EventReceiver) -> None:
    receiver.status = lambda message: 400 if message["data"]["instanceId"] == "business-1" else 204
    assert main(["redrive", "events"]) == 1
    assert (receiver.told("business-1"), receiver.told("business-2"), kept(world)) == ([], KINDS, 3)
    assert (redrives(world, "business-1"), len(redrives(world, "business-2"))) == ([], 3)


def test_the_history_says_what_was_told_late_and_by_what(world: World) -> None:
    assert main(["redrive", "events", "business-1", "--dry-run"]) == 0
    assert redrives(world, "business-1") == []
    assert main(["redrive", "events", "business-1"]) == 0
    entries = redrives(world, "business-1")
    assert [each.reason for each in entries] == KINDS
    assert {(each.by, each.order_id, each.result) for each in entries} == {("redrive", "CS1", "done")}


def test_a_crash_before_the_letter_is_gone_leaves_one_entry(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from shared.store.sqlite.table import SqliteTable

    with monkeypatch.context() as broken:
        broken.setattr(SqliteTable, "delete_many", lambda *_: pytest.fail("dies here"))
        with pytest.raises(pytest.fail.Exception):
            main(["redrive", "events", "business-1"])
    assert (len(redrives(world, "business-1")), kept(world)) == (1, 6)
    assert main(["redrive", "events", "business-1"]) == 0
    assert [each.reason for each in redrives(world, "business-1")] == KINDS


def test_a_receiver_that_is_down_is_asked_once(world: World, receiver: EventReceiver) -> None:
    receiver.status = lambda _message: 503
    assert main(["redrive", "events"]) == 1
    assert (len(receiver.attempts), kept(world)) == (1, 6)


def test_without_a_receiver_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    World(tmp_path)
    assert main(["redrive", "events"]) == 2
    assert "KOOGALLERY_EVENTS_URL" in capsys.readouterr().err
