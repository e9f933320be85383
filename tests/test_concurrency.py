"""Many copies of a call at once, on real threads and a real clock."""

import threading
from pathlib import Path

import pytest

from shared.clock import SystemClock
from tests.world import World, together

COPIES = 50


@pytest.fixture
def world(tmp_path: Path) -> World:
    # Fifty threads on two cores: the answer is what counts here, not how soon it comes.
    return World(tmp_path, {"KOOGALLERY_DEADLINE": "30"}, clock=SystemClock())


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_one_order_fifty_times_at_once_is_one_instance(world: World, version: str) -> None:
    working = threading.Lock()

    def alone(method: str) -> None:
        if method == "create":
            assert working.acquire(blocking=False), "two copies create at the same time"
            working.release()

    world.provisioner.before = alone

    def buy(index: int) -> dict[str, object]:
        if version == "v1":
            return world.buy("CS50", f"business-{index}")
        return world.buy_v2("CS50", f"business-{index}")

    answers = together(COPIES, buy)

    assert {answer["resultCode"] for answer in answers} == {"000000"}
    assert len({answer["instanceId"] for answer in answers}) == 1
    assert world.provisioner.count("create") == 1


def test_fifty_orders_at_once_are_fifty_instances(world: World) -> None:
    answers = together(COPIES, lambda index: world.buy(f"CS{index}", f"business-{index}"))

    assert {answer["resultCode"] for answer in answers} == {"000000"}
    assert len({answer["instanceId"] for answer in answers}) == COPIES
    assert world.provisioner.count("create") == COPIES


def test_one_renewal_twenty_times_at_once_is_one_extension(world: World) -> None:
    world.buy()

    def renew(_index: int) -> dict[str, object]:
        return world.send(
            world.v1.call("refreshInstance", instanceId="business-1", orderId="R1", expireTime="20281120235959")
        )

    answers = together(20, renew)

    assert {answer["resultCode"] for answer in answers} == {"000000"}
    assert world.provisioner.count("renew") == 1


def test_freeze_renew_and_release_at_once_leave_one_state_that_release_wins(world: World) -> None:
    world.buy()
    calls = [
        world.v1.call("expireInstance", instanceId="business-1"),
        world.v1.call("refreshInstance", instanceId="business-1", orderId="R1", expireTime="20281120235959"),
        world.v1.call("releaseInstance", instanceId="business-1"),
        world.v1.call("upgrade", instanceId="business-1", orderId="U1", skuCode="sku-2", productId="product-2"),
    ]

    answers = together(len(calls), lambda index: world.send(calls[index]))

    assert answers[2]["resultCode"] == "000000"
    assert {answer["resultCode"] for answer in answers} <= {"000000", "000003"}
    assert world.state("business-1") == "RELEASED"
    assert world.provisioner.count("release") == 1
    assert world.provisioner.calls[-1][0] == "release", "nothing was asked of a released instance"


def test_one_nonce_at_once_from_two_calls_serves_one(world: World) -> None:
    def buy(index: int) -> dict[str, object]:
        return world.buy_v2(f"CS{index}", f"business-{index}", nonce="the-same")

    answers = together(8, buy)

    assert sorted(str(answer["resultCode"]) for answer in answers) == ["000000"] + ["000001"] * 7
    assert world.provisioner.count("create") == 1
