"""What happened to an instance: an entry for each thing, one for however many attempts, with nothing personal in it."""

from datetime import timedelta
from pathlib import Path

import pytest

from functions.sweep import sweep
from shared.clock import Deadline
from shared.errors import Unavailable
from shared.instance.lookup import happened
from tests.market import V1, release
from tests.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def entries(world: World, instance_id: str = "business-1") -> list[tuple[str, str, str, str, str]]:
    """What, order, states before and after, result."""
    found = happened(world.app, instance_id)
    return [(each.what, each.order_id, each.before, each.after, each.result) for each in found]


def test_a_life(world: World) -> None:
    world.buy()
    calls = [
        world.v1.call("expireInstance", instanceId="business-1"),
        world.v1.call("refreshInstance", instanceId="business-1", orderId="R1", expireTime="20281120235959"),
        world.v1.call("upgrade", instanceId="business-1", orderId="U1", skuCode="s", productId="p"),
        world.v1.call("releaseInstance", instanceId="business-1", orderId="CS1"),
    ]
    for call in calls:
        for _ in range(2):
            world.clock.advance(60)
            assert world.send(call)["resultCode"] == "000000"

    assert entries(world) == [
        ("create", "CS1", "", "ACTIVE", "done"),
        ("freeze", "", "ACTIVE", "FROZEN", "done"),
        ("renew", "R1", "FROZEN", "ACTIVE", "done"),
        ("upgrade", "U1", "ACTIVE", "ACTIVE", "done"),
        ("release", "", "ACTIVE", "RELEASED", "done"),
    ]


def test_what_changes_nothing_says_so(world: World) -> None:
    world.buy()
    world.clock.advance(60)
    older = world.v1.call("refreshInstance", instanceId="business-1", orderId="R1", expireTime="20281120235959")
    world.clock.advance(60)
    newer = world.v1.call("refreshInstance", instanceId="business-1", orderId="R2", expireTime="20291120235959")
    for call in (newer, older):
        world.clock.advance(1)
        world.send(call)

    found = happened(world.app, "business-1")
    assert [(each.order_id, each.result) for each in found[1:]] == [("R2", "done"), ("R1", "no effect")]


def test_what_failed_says_why_once_and_the_repeat_that_it_is_done(world: World) -> None:
    world.buy()
    secret = "phone 13800000000"
    errors = [ValueError(secret), Unavailable("the seller's backend does not answer"), None]

    def fail(method: str) -> None:
        if method == "freeze" and (error := errors.pop(0)):
            raise error

    world.provisioner.before = fail
    for _ in range(3):
        world.clock.advance(60)
        world.send(world.v2.call("updateInstanceStatus", instanceId="business-1", status="FREEZE"))

    found = happened(world.app, "business-1")[1:]
    assert [(each.result, each.reason) for each in found] == [
        ("failed", "the seller's backend does not answer"),
        ("done", ""),
    ]


def test_a_foreign_error_is_told_by_its_kind(world: World) -> None:
    world.buy()

    def fail(_method: str) -> None:
        raise ValueError("phone 13800000000")

    world.provisioner.before = fail
    world.send(world.v1.call("expireInstance", instanceId="business-1"))

    assert [each.reason for each in happened(world.app, "business-1")] == ["", "ValueError"]


def test_a_pending_creation_is_told_as_such_and_then_as_undone(world: World) -> None:
    world.provisioner.pending = True
    world.buy()
    world.clock.advance(timedelta(hours=5))
    sweep(world.app, {}, Deadline(world.clock, 60))

    assert entries(world) == [
        ("create", "CS1", "", "PENDING", "pending"),
        ("undo", "CS1", "PENDING", "RELEASED", "done"),
    ]


def test_a_creation_that_a_release_ends_has_failed(world: World) -> None:
    world.provisioner.pending = True
    world.buy()
    world.clock.advance(60)
    assert world.send(release(world, V1, "business-1"))["resultCode"] == "000000"

    assert entries(world) == [
        ("create", "CS1", "", "PENDING", "pending"),
        ("create", "CS1", "", "RELEASED", "failed"),
        ("release", "", "PENDING", "RELEASED", "done"),
    ]
    why = "it was released before it was there"
    assert [each.reason for each in happened(world.app, "business-1")] == ["", why, ""]


def test_a_creation_whose_order_is_given_back_did_not_fail(world: World) -> None:
    world.provisioner.pending = True
    world.buy()
    world.clock.advance(60)
    assert world.send(release(world, V1, "business-1", orderAmount="-10"))["resultCode"] == "000000"

    assert entries(world) == [
        ("create", "CS1", "", "PENDING", "pending"),
        ("release", "CS1", "PENDING", "RELEASED", "done"),
    ]


def test_a_pending_creation_that_is_completed(world: World) -> None:
    world.provisioner.pending = True
    world.buy_v2()
    world.clock.advance(60)
    world.provisioner.pending = False
    world.send(world.v2.call("queryInstance", instanceId="business-2"))

    assert entries(world, "business-2") == [
        ("create", "CS2", "", "PENDING", "pending"),
        ("create", "CS2", "PENDING", "ACTIVE", "done"),
    ]


def test_the_request_is_told(world: World) -> None:
    request = world.purchase()
    world.raw(request.__class__(request.method, request.path, request.query, request_id="request-7"))

    assert [each.by for each in happened(world.app, "business-1")] == ["request-7"]


def test_entries_end_and_the_instance_does_not(world: World) -> None:
    world.values["KOOGALLERY_HISTORY_DAYS"] = "30"
    world.restarted()
    world.buy()
    world.clock.advance(timedelta(days=29))
    assert len(entries(world)) == 1
    world.clock.advance(timedelta(days=2))
    assert entries(world) == []
    assert world.state("business-1") == "ACTIVE"
