"""Instances are found by state, expiry, order, customer and user, and a hint that was left behind shows nothing."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.instance.hints import LISTING
from shared.instance.lookup import Found, happened, listed, of_customer, of_order, of_user
from shared.provisioning import State
from tests.fakes import FakeClock
from tests.test_crash_points import CHANGES, Step, deaths, purchase_v1, purchase_v2
from tests.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def ids(found: Found) -> list[str]:
    return [each.instance_id for each in found.instances]


def listing(world: World) -> list[str]:
    return [item["sk"] for item in world.tables.table("instances").query(LISTING).items]


def release(world: World, instance_id: str) -> None:
    answer = world.send(world.v1.call("releaseInstance", instanceId=instance_id, orderId="any"))
    assert answer["resultCode"] == "000000"


def test_by_state_and_expiry(world: World) -> None:
    for number, expires in enumerate(("20281231000000", "20261231000000", None, "20271231000000")):
        world.buy(f"CS{number}", f"b{number}", expireTime=expires)
    release(world, "b3")

    assert ids(listed(world.app, State.ACTIVE, None)) == ["b1", "b0", "b2"]
    assert ids(listed(world.app, State.ACTIVE, datetime(2028, 1, 1, tzinfo=UTC))) == ["b1"]
    assert ids(listed(world.app, State.ACTIVE, datetime(2026, 12, 30, 16, tzinfo=UTC))) == []
    assert ids(listed(world.app, State.RELEASED, None)) == ["b3"]
    assert ids(listed(world.app, None, None)) == ["b1", "b0", "b2", "b3"]
    assert ids(listed(world.app, None, datetime(2028, 1, 1, tzinfo=UTC))) == ["b1", "b3"]


def test_what_earlier_changes_left_behind_goes_once_it_is_old(world: World) -> None:
    world.buy()
    release(world, "business-1")
    assert ids(listed(world.app, None, None)) == ["business-1"]
    assert len(listing(world)) == 2
    world.clock.advance(timedelta(days=1, minutes=1))
    assert ids(listed(world.app, None, None)) == ["business-1"]
    assert [each.split("#")[0] for each in listing(world)] == ["RELEASED"]


def test_a_hint_is_not_removed_while_somebody_is_at_work(world: World) -> None:
    world.buy()
    release(world, "business-1")
    world.clock.advance(timedelta(days=2))
    record = world.app.instances.get("business-1")
    assert record
    world.app.instances.replace(record.held(world.clock.now() + timedelta(minutes=1)))
    listed(world.app, None, None)
    assert len(listing(world)) == 2


def test_by_customer_user_and_order(world: World) -> None:
    world.buy("CS1", "b1", userId="iam-1")
    world.buy("CS2", "b2", customerId="customer-2", userId="iam-2")
    world.buy("CS3", "b3", userId="iam-1")
    renewal = {"instanceId": "b1", "orderId": "R1", "expireTime": "20281120235959"}
    world.send(world.v1.call("refreshInstance", **renewal))
    release(world, "b3")

    assert ids(of_customer(world.app, "customer-1")) == ["b1", "b3"]
    assert ids(of_customer(world.app, "customer-2")) == ["b2"]
    assert ids(of_customer(world.app, "customer-3")) == []
    assert ids(of_user(world.app, "iam-1")) == ["b1"], "who bought a released instance is forgotten"
    assert ids(of_order(world.app, "CS2")) == ["b2"]
    assert ids(of_order(world.app, "R1")) == ["b1"]
    assert ids(of_order(world.app, "R")) == []


def test_the_user_is_kept_as_a_digest_only(world: World, tmp_path: Path) -> None:
    world.buy(userId="iam-user-in-plain")
    assert ids(of_user(world.app, "iam-user-in-plain")) == ["business-1"]
    assert not any(b"iam-user-in-plain" in file.read_bytes() for file in tmp_path.iterdir())


@pytest.mark.parametrize("version", [1, 2])
def test_an_order_of_an_earlier_release_is_found_by_its_claim(world: World, version: int) -> None:
    name = world.buy()["instanceId"] if version == 1 else world.buy_v2()["instanceId"]
    order_id = f"CS{version}"
    world.tables.table("instances").delete_many([(f"order#{order_id}", name)])
    assert ids(of_order(world.app, order_id)) == [name]


def after_each_death(tmp_path: Path, step: Step) -> Iterator[World]:
    for world in deaths(tmp_path, lambda _world: None, step):
        world.clock.advance(61)
        yield world


@pytest.mark.parametrize("step", [purchase_v1, purchase_v2], ids=["v1", "v2"])
def test_wherever_a_purchase_dies_it_is_listed_after_the_repeat(tmp_path: Path, step: Step) -> None:
    for world in after_each_death(tmp_path, step):
        name = world.send(step(world))["instanceId"]
        assert ids(listed(world.app, State.ACTIVE, None)) == [name]
        assert ids(of_customer(world.app, "customer-1")) == [name]
        assert ids(of_order(world.app, "CS1" if step is purchase_v1 else "CS2")) == [name]


@pytest.mark.sweep
@pytest.mark.parametrize(("prepare", "step", "_method", "state"), CHANGES)
def test_wherever_a_change_dies_it_is_listed_as_it_is_and_told_once(
    tmp_path: Path, prepare: Callable[[World], None], step: Step, _method: str, state: str
) -> None:
    for world in deaths(tmp_path, prepare, step):
        (before,) = listed(world.app, None, None).instances
        assert before.state.value == world.state("business-1"), "listed at once, as it is"
        world.clock.advance(61)
        world.send(step(world))
        world.clock.advance(timedelta(days=2))
        assert [each.state.value for each in listed(world.app, None, None).instances] == [state]
        told = [each for each in happened(world.app, "business-1") if each.after == state]
        assert len({(each.what, each.order_id, each.result) for each in told}) == len(told)


def test_pages(tmp_path: Path) -> None:
    world = World(tmp_path, clock=FakeClock())
    for number in range(250):
        world.buy(f"CS{number}", f"b{number:03d}")
    looks: list[Callable[[str | None], Found]] = [
        lambda after: listed(world.app, None, None, after),
        lambda after: of_customer(world.app, "customer-1", after),
    ]
    for look in looks:
        pages = [look(None)]
        while pages[-1].next:
            pages.append(look(pages[-1].next))
        found = [each for page in pages for each in ids(page)]
        assert (found, len(pages)) == ([f"b{number:03d}" for number in range(250)], 3)
