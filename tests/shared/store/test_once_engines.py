"""Purchases, changes and replays on every engine: what dies at any point is healed, and copies at once are one."""

import uuid
from pathlib import Path
from typing import Any

import pytest

from shared.clock import SystemClock
from shared.http import HttpRequest
from tests.fakes import FakeClock
from tests.market import VERSIONS, freezing, purchase, query, unfreezing
from tests.shared.store.conftest import Make, without_moto
from tests.test_crash_points import APART, Death
from tests.world import World, together


def new_id() -> str:
    """One that no other test on this engine has."""
    return uuid.uuid4().hex[:16]


@pytest.fixture
def world(make: Make, tmp_path: Path) -> World:
    clock = FakeClock()
    return World(tmp_path, {"KOOGALLERY_LEASE": "5"}, clock=clock, tables=make(clock))


def dies(world: World, request: HttpRequest, point: int) -> bool:
    """Does the process that answers ``request`` die at store call number ``point``, before or after it?"""
    passed = []

    def die(_table: str, _method: str) -> None:
        passed.append(1)
        if len(passed) >= point:
            raise Death

    world.tables.before = world.tables.after = die
    try:
        world.raw(request)
    except Death:
        return True
    finally:
        world.tables.before = world.tables.after = lambda _table, _method: None
        world.restarted()
    return False


@APART
@pytest.mark.parametrize("version", VERSIONS)
def test_a_purchase_that_dies_anywhere_is_one_instance(world: World, version: str, apart: bool) -> None:
    world.tables.apart = apart
    for point in range(1, 20):
        order, first, later = new_id(), new_id(), new_id()
        died = dies(world, purchase(world, version, order, first), point)
        world.clock.advance(61)
        answers = [world.send(purchase(world, version, order, later)) for _ in range(2)]
        assert [answer["resultCode"] for answer in answers] == ["000000", "000000"]
        assert answers[0]["instanceId"] == answers[1]["instanceId"] in (first, later)
        assert len({first, later} & set(world.provisioner.created)) == 1
        if not died:
            assert point == (7 if apart else 5), "three calls or two, before and after each"
            return
    raise AssertionError("there is no end")


@pytest.mark.sweep
@pytest.mark.parametrize("version", VERSIONS)
def test_a_freeze_that_dies_anywhere_is_made_once_and_its_replay_changes_nothing(world: World, version: str) -> None:
    for point in range(1, 20):
        order, instance = new_id(), new_id()
        world.send(purchase(world, version, order, instance))
        world.clock.advance(1)
        request = freezing(world, version, instance)
        died = dies(world, request, point)
        world.clock.advance(6)
        world.send(freezing(world, version, instance))
        assert world.state(instance) == "FROZEN"
        world.clock.advance(version == "v1")  # without a nonce only the time tells
        world.send(unfreezing(world, version, instance))
        world.restarted()
        assert world.send(request)["resultCode"] == "000000"
        keys = {key for method, who, key in world.provisioner.calls if (method, who) == ("freeze", instance)}
        assert (world.state(instance), len(keys)) == ("ACTIVE", 1)
        if not died:
            assert point == 7, "three calls, before and after each"
            return
    raise AssertionError("there is no end")


@without_moto
@pytest.mark.parametrize("version", VERSIONS)
def test_many_copies_at_once_are_one_instance(make: Make, tmp_path: Path, version: str) -> None:
    clock = SystemClock()
    world = World(tmp_path, {"KOOGALLERY_DEADLINE": "30"}, clock=clock, tables=make(clock))
    order, ids = new_id(), [new_id() for _ in range(50)]

    def buy(index: int) -> dict[str, Any]:
        return world.send(purchase(world, version, order, ids[index]))

    answers = together(50, buy)
    assert {answer["resultCode"] for answer in answers} == {"000000"}
    assert len({answer["instanceId"] for answer in answers}) == world.provisioner.count("create") == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_asked_for_side_by_side_is_all_there(world: World, version: str) -> None:
    instance = new_id()
    world.send(purchase(world, version, new_id(), instance))
    request = query(world, version, instance)
    for _ in range(3):
        assert [each["instanceId"] for each in world.send(request)["info"]] == [instance]
    nonce = new_id()
    assert world.send(query(world, version, instance, nonce=nonce))["resultCode"] == "000000"
    if version == "v2":
        world.restarted()
        assert world.send(query(world, version, f"{instance},x", nonce=nonce))["resultCode"] == "000001"
