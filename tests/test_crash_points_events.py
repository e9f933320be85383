"""The process dies at each point of a call and of a relay run: no event is lost, none is told that did not happen, and
those of an instance come in order.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.relay import relay
from shared.clock import Deadline
from shared.http import HttpRequest
from shared.instance.lookup import happened
from tests.event_receiver import EventReceiver, receiving, settings_of
from tests.test_crash_points import Death, Mortal, Step, bought, deaths, frozen, revive
from tests.world import World

BOUGHT = ["instance.created", "instance.activated", "order.completed"]


def run(world: World) -> dict[str, int]:
    return relay(world.app, {}, Deadline(world.clock, 60))


def purchase(world: World) -> HttpRequest:
    return world.purchase()


def freeze(world: World) -> HttpRequest:
    return world.v1.call("expireInstance", instanceId="business-1")


def renewal(world: World) -> HttpRequest:
    return world.v1.call("refreshInstance", instanceId="business-1", orderId="R1", expireTime="20281120235959")


def release(world: World) -> HttpRequest:
    return world.v1.call("releaseInstance", instanceId="business-1")


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("prepare", "step", "told"),
    [
        (lambda world: None, purchase, BOUGHT),
        (bought, freeze, [*BOUGHT, "instance.frozen"]),
        (frozen, renewal, [*BOUGHT, "instance.frozen", "instance.renewed", "instance.unfrozen", "order.completed"]),
        (bought, release, [*BOUGHT, "instance.released"]),
    ],
    ids=["purchase", "freeze", "renew", "release"],
)
def test_a_call_that_dies_anywhere_is_told_when_it_is_done(
    tmp_path: Path, receiver: EventReceiver, prepare: Callable[[World], None], step: Step, told: list[str]
) -> None:
    for world in deaths(tmp_path, prepare, step, settings_of(receiver)):
        receiver.taken.clear()
        run(world)
        record = world.app.instances.get("business-1")
        assert receiver.told("business-1") == (told[: record.announced] if record else []), "what is stored, no more"
        world.clock.advance(61)
        world.send(step(world))
        run(world)
        assert receiver.told("business-1") == told
        record = world.app.instances.get("business-1")
        assert record
        assert record.outbox == ()


def test_history_may_be_ahead_of_what_was_stored_and_events_are_not(tmp_path: Path, receiver: EventReceiver) -> None:
    ahead = 0
    for world in deaths(tmp_path, bought, freeze, settings_of(receiver)):
        receiver.taken.clear()
        run(world)
        record = world.app.instances.get("business-1")
        assert record
        entries = [each.what for each in happened(world.app, "business-1")]
        ahead += "freeze" in entries and record.state.value == "ACTIVE"
        assert ("instance.frozen" in receiver.told("business-1")) is (record.state.value == "FROZEN")
    assert ahead, "there is a point between the two"


@pytest.mark.sweep
@pytest.mark.parametrize("hurry", [0, 120], ids=["at once", "after the lease"])
def test_a_relay_that_dies_anywhere_loses_nothing(tmp_path: Path, receiver: EventReceiver, hurry: int) -> None:
    told = [*BOUGHT, "instance.frozen"]
    for fatal in range(200):
        folder = tmp_path / str(fatal)
        folder.mkdir()
        world = World(folder, settings_of(receiver))
        frozen(world)
        receiver.attempts.clear()
        receiver.taken.clear()
        mortal = Mortal(world, fatal)
        with suppress(Death):
            run(world)
        finished = not mortal.dead
        revive(world)
        world.clock.advance(hurry)
        run(world)
        world.clock.advance(timedelta(days=2))
        run(world)
        assert receiver.told("business-1") == told
        assert len(receiver.taken) <= 2 * len(told)
        record = world.app.instances.get("business-1")
        assert record
        assert record.outbox == ()
        if finished:
            assert fatal >= 5
            assert len(receiver.taken) == len(told), "nothing twice without need"
            return
    raise AssertionError("the run has no end")


ACTIONS = st.sampled_from(["freeze", "renew", "relay", "relay that is killed", "two relays", "answer lost", "pause"])


@pytest.mark.sweep
@settings(max_examples=30)
@given(actions=st.lists(ACTIONS, max_size=12), fatal=st.integers(0, 14))
def test_whatever_happens_each_event_comes_in_its_order(
    tmp_path_factory: pytest.TempPathFactory, actions: list[str], fatal: int
) -> None:
    with receiving() as receiver:
        world = World(tmp_path_factory.mktemp("order"), settings_of(receiver))
        bought(world)
        for number, action in enumerate(actions):
            world.clock.advance(60)
            receiver.status = lambda _message: 204
            if action == "freeze":
                world.send(freeze(world))
            elif action == "renew":
                until = f"{2028 + number}1120235959"
                world.send(
                    world.v1.call("refreshInstance", instanceId="business-1", orderId=f"R{number}", expireTime=until)
                )
            elif action == "pause":
                world.clock.advance(3600)
            else:
                _relay(world, receiver, action, fatal)
        receiver.status = lambda _message: 204
        for _ in range(3):
            world.clock.advance(3600)
            run(world)

        record = world.app.instances.get("business-1")
        assert record
        assert list(receiver.numbered("business-1")) == list(range(1, record.announced + 1)), "all, first ones in order"
        states = [each["data"]["state"] for each in receiver.taken if each["type"].startswith("instance.")]
        assert states[-1] == record.state.value


def _relay(world: World, receiver: EventReceiver, action: str, fatal: int) -> None:
    if action == "relay that is killed":
        Mortal(world, fatal)
        with suppress(Death):
            run(world)
        revive(world)
        return
    if action == "answer lost":
        heard: list[int] = []

        def lost(message: dict[str, object]) -> int:
            """It takes the event, and its answer says that it did not."""
            receiver.taken.append(message)
            heard.append(1)
            return 503

        receiver.status = lost
    if action == "two relays":
        begun: list[int] = []

        def another(message: dict[str, object]) -> int:
            return 204

        receiver.status = another
        world.tables.before = lambda table, method: _again(world, begun, (table, method))
    run(world)
    world.tables.before = lambda _table, _method: None


def _again(world: World, begun: list[int], call: tuple[str, str]) -> None:
    """A second relay begins and ends while the first is about to note what it has told."""
    if call == ("instances", "replace") and not begun:
        begun.append(1)
        world.clock.advance(200)
        run(world)


def test_numbers_have_no_gap(tmp_path: Path, receiver: EventReceiver) -> None:
    world = World(tmp_path, settings_of(receiver))
    frozen(world)
    world.send(renewal(world))
    run(world)
    assert all(later - earlier == 1 for earlier, later in pairwise(receiver.numbered("business-1")))
