"""Instances are listed and found on every engine, a page for at most three requests however many there are."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.instance.hints import hints
from shared.instance.history import Happening
from shared.instance.lookup import Found, happened, listed, of_customer, of_order
from shared.instance.record import InstanceRecord
from shared.provisioning import State
from tests.fakes import FakeClock
from tests.shared.store.conftest import Make
from tests.world import World

MOST_REQUESTS = 3


def record(world: World, number: int, run: str) -> InstanceRecord:
    from shared.commands import Version

    now = world.clock.now()
    return InstanceRecord(
        f"{run}-{number:06d}",
        f"order-{run}-{number}",
        None,
        Version.V1,
        State.ACTIVE,
        now,
        customer_id=f"customer-{run}",
        expires_at=now + timedelta(minutes=number),
    )


def asked(world: World, found: Found) -> tuple[Found, int]:
    """What was found, and how many requests that took since the last time."""
    total = world.tables.total
    world.tables.reset()
    return found, total


def test_on_every_engine(make: Make, clock: FakeClock, tmp_path_factory: pytest.TempPathFactory) -> None:
    world = World(tmp_path_factory.mktemp("world"), clock=clock, tables=make(clock))
    run = uuid.uuid4().hex[:12]
    for number in range(5):
        made = record(world, number, run)
        entry = Happening(clock.now(), "create", number, after="ACTIVE", order_id=made.order_id)
        world.app.instances.create(made, entry)
    world.tables.reset()

    found, requests = asked(world, listed(world.app, State.ACTIVE, clock.now() + timedelta(minutes=3)))
    mine = [each.instance_id for each in found.instances if each.instance_id.startswith(run)]
    assert (mine, requests) == ([f"{run}-{number:06d}" for number in range(3)], 2)
    found, requests = asked(world, of_customer(world.app, f"customer-{run}"))
    assert (len(found.instances), requests) == (5, 2)
    found, requests = asked(world, of_order(world.app, f"order-{run}-4"))
    assert ([each.instance_id for each in found.instances], requests) == ([f"{run}-000004"], 2)
    assert [each.order_id for each in happened(world.app, f"{run}-000004")] == [f"order-{run}-4"]


@pytest.mark.slow
def test_a_hundred_thousand(make: Make, clock: FakeClock, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Half of what is listed was left behind by changes, a day ago and more; the first reading removes it."""
    world = World(tmp_path_factory.mktemp("world"), clock=clock, tables=make(clock))
    run, table = uuid.uuid4().hex[:12], world.tables.table("instances")
    count = 100_000 if not world.tables.remote else 2_000
    for begin in range(0, count, 1000):
        made = [record(world, number, run) for number in range(begin, begin + 1000)]
        table.put_many(world.app.instances._item(each) for each in made)
        once = [replace(each, state=State.FROZEN) for each in made]
        table.put_many(hint for each in [*made, *once] for hint in hints(each, clock.now()))
    clock.advance(timedelta(days=2))
    after, seen, most = None, 0, 0
    while True:
        world.tables.reset()
        found, requests = asked(world, listed(world.app, None, None, after))
        seen, most = seen + sum(each.instance_id.startswith(run) for each in found.instances), max(most, requests)
        after = found.next
        if after is None:
            break
    assert (seen, most) == (count, MOST_REQUESTS)
    assert asked(world, of_order(world.app, f"order-{run}-7"))[1] <= MOST_REQUESTS
