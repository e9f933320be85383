"""The relay on every engine: what the receiver did not take waits, and is told later, all of it and in its order."""

import uuid
from datetime import timedelta

import pytest

from functions.relay import relay
from shared.clock import Deadline
from shared.instance.waiting import WAITING
from tests.event_receiver import receiving, settings_of
from tests.fakes import FakeClock
from tests.shared.store.conftest import Make
from tests.world import World


def hinted(world: World, instance_id: str) -> bool:
    """Does the relay still know that the instance has something to tell?"""
    return any(instance_id in item["sk"] for item in world.app.tables.table("instances").query(WAITING).items)


def test_on_every_engine(make: Make, clock: FakeClock, tmp_path_factory: pytest.TempPathFactory) -> None:
    instance_id = f"business-{uuid.uuid4().hex[:12]}"
    with receiving() as receiver:
        world = World(tmp_path_factory.mktemp("world"), settings_of(receiver), clock=clock, tables=make(clock))
        assert world.buy(f"CS{instance_id}", instance_id)["resultCode"] == "000000"
        receiver.status = lambda _message: 500
        refused = relay(world.app, {}, Deadline(clock, 60))
        assert (refused["sent"], refused["left"] > 0) == (0, True)
        assert hinted(world, instance_id)
        clock.advance(timedelta(hours=2))
        assert world.send(world.v1.call("expireInstance", instanceId=instance_id))["resultCode"] == "000000"
        receiver.status = lambda _message: 204

        told = relay(world.app, {}, Deadline(clock, 60))

        assert told["sent"] >= 4
        bought = ["instance.created", "instance.activated", "order.completed"]
        assert receiver.told(instance_id) == [*bought, "instance.frozen"]
        assert not hinted(world, instance_id)
