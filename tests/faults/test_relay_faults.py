"""Who receives events is away: it is told of, and each event comes in its order, as if the receiver had been there."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from emulator.commands.cli import main
from emulator.platforms.engines import free_port
from functions.relay import relay
from shared.clock import Deadline
from shared.pipelines.schedule import carry_out
from shared.relay.telling import GIVEN_UP_AFTER
from tests.event_receiver import EventReceiver, settings_of
from tests.faults.healed import DAY, HOUR, Seen, renewed
from tests.logs import LogLines
from tests.world import World


def answering(status: int) -> Callable[[World, EventReceiver], None]:
    return lambda _world, receiver: setattr(receiver, "status", lambda _message: status)


def setting(name: str, value: str) -> Callable[[World, EventReceiver], None]:
    return lambda world, _receiver: world.values.update({name: value})


FAULTS: Mapping[str, Callable[[World, EventReceiver], None]] = {
    "down": lambda world, _: world.values.update({"KOOGALLERY_EVENTS_URL": f"http://127.0.0.1:{free_port()}/"}),
    "answers 500": answering(500),
    "answers 400": answering(400),
    "hangs": answering(0),
    "has another secret": setting("KOOGALLERY_EVENTS_SECRET", "whsec_plJ3nmyCDGBKInavdOK15jsl9sP8HF9jT6mZ"),
}


def relayed(world: World, after: timedelta = HOUR) -> None:
    world.clock.advance(after)
    carry_out("relay", relay, world.app, {}, Deadline(world.clock, 0.3))


def bought(world: World) -> None:
    world.buy()


def lived_on(world: World) -> None:
    assert world.send(world.v1.call("expireInstance", instanceId="business-1"))["resultCode"] == "000000"
    world.clock.advance(60)
    assert renewed(world) == "000000"


def mended(world: World, receiver: EventReceiver) -> None:
    receiver.status = lambda _message: 204
    world.values.update(settings_of(receiver))


@pytest.fixture
def world(tmp_path: Path, receiver: EventReceiver) -> World:
    return World(tmp_path, settings_of(receiver))


@pytest.fixture
def without(tmp_path: Path, receiver: EventReceiver) -> list[tuple[int, str]]:
    """The events of a life, by number, of a receiver that is always there."""
    folder = tmp_path / "without"
    folder.mkdir()
    world = World(folder, settings_of(receiver))
    for live in (bought, lived_on):
        live(world)
        relayed(world)
    events = list(receiver.numbered("business-1").items())
    receiver.taken.clear()
    assert [number for number, _ in events] == list(range(1, 8))
    return events


@pytest.mark.sweep
@pytest.mark.parametrize("fault", FAULTS)
def test_events_wait_and_come_in_their_order_by_themselves(
    without: list[tuple[int, str]],
    world: World,
    receiver: EventReceiver,
    seen: Seen,
    *,
    log_lines: LogLines,
    fault: str,
) -> None:
    FAULTS[fault](world, receiver)
    bought(world)
    for _ in range(3):
        relayed(world)
    lived_on(world)
    assert seen("koogallery_oldest_event_seconds") == 3 * 3600
    assert log_lines("events wait for their receiver")[-1]["count"] == 1
    assert bool(log_lines("events cannot be told")) == (fault == "has another secret")
    assert receiver.taken == []
    mended(world, receiver)
    relayed(world)
    assert seen("koogallery_oldest_event_seconds") == 0
    assert list(receiver.numbered("business-1").items()) == without


def test_events_that_were_given_up_come_by_the_command_of_the_runbook(
    without: list[tuple[int, str]], world: World, receiver: EventReceiver, seen: Seen, log_lines: LogLines
) -> None:
    FAULTS["answers 500"](world, receiver)
    bought(world)
    relayed(world, GIVEN_UP_AFTER - HOUR)
    assert seen("koogallery_oldest_event_seconds") == (GIVEN_UP_AFTER - HOUR).total_seconds()
    relayed(world, DAY)
    assert log_lines("events are given up")[-1]["dead"] == 3
    mended(world, receiver)
    lived_on(world)
    relayed(world)
    assert [number for number, _ in receiver.numbered("business-1").items()] == [4, 5, 6, 7]
    assert main(["redrive", "events", "--dry-run"]) == 0
    assert len(receiver.taken) == 4
    assert main(["redrive", "events"]) == 0
    assert sorted(receiver.numbered("business-1").items()) == without
    assert seen("koogallery_oldest_event_seconds") == 0
