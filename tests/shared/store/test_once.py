"""A claim counts as completed when the instance that it names is there, and is that of the claim."""

import threading
from pathlib import Path
from typing import Any

import pytest

from shared.clock import SystemClock
from tests.market import V1, VERSIONS, purchase
from tests.test_crash_points import Death
from tests.world import World

IN_USE: dict[str, Any] = {"chargingMode": 0, "periodType": None, "periodNumber": None, "expireTime": None}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def dying(world: World, version: str, at: tuple[str, str], number: int = 1, **fields: Any) -> None:
    """A purchase whose process dies right after a store call, the one of this ``number`` of its kind."""
    seen: list[tuple[str, ...]] = []

    def die(*called: str) -> None:
        seen.append(called)
        if seen.count(at) == number:
            raise Death

    world.tables.after = die
    with pytest.raises(Death):
        world.send(purchase(world, version, **fields))
    world.tables.after = lambda _table, _method: None


@pytest.mark.parametrize("version", VERSIONS)
def test_a_claim_is_written_once(world: World, version: str) -> None:
    for business_id in ("business-1", "business-2", "business-3"):
        assert world.send(purchase(world, version, business_id=business_id))["instanceId"] == "business-1"
        world.clock.advance(61)
    assert world.tables.calls["idempotency", "replace"] == 0


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("later", [0, 61])
def test_an_instance_that_is_there_needs_no_lease_to_run_out(world: World, version: str, later: int) -> None:
    dying(world, version, ("instances", "create"))
    world.clock.advance(later)
    world.tables.reset()
    assert world.send(purchase(world, version, business_id="business-9"))["instanceId"] == "business-1"
    assert (world.tables.total, world.provisioner.count("create")) == (2, 1)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_store_that_hangs_is_no_order_in_process(tmp_path: Path, version: str) -> None:
    world = World(tmp_path, {"KOOGALLERY_DEADLINE": "0.1"}, clock=SystemClock())
    go_on = threading.Event()

    def hang(table: str, _method: str) -> None:
        if table == "idempotency":
            go_on.wait(30)

    world.tables.before = hang
    answer = world.send(purchase(world, version))
    go_on.set()
    assert answer == {"resultCode": "000005", "resultMsg": "no answer in time"}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_claim_that_names_the_instance_of_another_order_is_not_completed(world: World, version: str) -> None:
    world.send(purchase(world, version, "CS-a", "business-1"))
    dying(world, version, ("idempotency", "create"), order_id="CS-b", business_id="business-1")
    for business_id, later, code in (("business-2", 61, "000002"), ("business-3", 61, "000002")):
        assert world.send(purchase(world, version, "CS-b", business_id))["resultCode"] == code
        world.clock.advance(later)
    assert world.send(purchase(world, version, "CS-b", "business-4"))["instanceId"] == "business-4"
    assert world.send(purchase(world, version, "CS-a", "business-5"))["instanceId"] == "business-1"


def test_a_claim_that_names_the_instance_of_another_product_is_not_completed(world: World) -> None:
    def sold(product: str, business_id: str) -> dict[str, Any]:
        return world.send(purchase(world, V1, "CS1", business_id, productId=product, **IN_USE))

    assert sold("sms", "business-1")["instanceId"] == "business-1"
    dying(world, V1, ("idempotency", "create"), 2, business_id="business-1", productId="mms", **IN_USE)
    told = []
    for number in range(2, 6):
        world.clock.advance(61)
        told.append(sold("mms", f"business-{number}").get("instanceId"))
    assert "business-1" not in told
    assert told[-1] == told[-2] is not None
    assert world.provisioner.count("create") == 2
