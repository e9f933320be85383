"""Faults that are not only raised: a product that hangs, a store that throttles, a file that is locked."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from emulator.commands.cli import main
from shared.store.dynamodb import DynamoTables, administration, ensure_tables
from shared.watch.findings import findings
from tests import engines
from tests.fakes import FakeClock
from tests.faults.healed import Seen, ended, renewed, swept
from tests.faults.surroundings import locked, throttled
from tests.world import World

HURRY = {"KOOGALLERY_DEADLINE": "0.3"}
IN_PROCESS, BROKEN, SUCCESS = "000004", "000005", "000000"


class Hanging:
    """The first call of a method does not come back before it is told to."""

    def __init__(self, world: World, method: str) -> None:
        self.method, self.begun, self.go = method, threading.Event(), threading.Event()
        self.threads: list[threading.Thread] = []
        world.provisioner.before = self

    def __call__(self, method: str) -> None:
        if method == self.method and not self.begun.is_set():
            self.threads.append(threading.current_thread())
            self.begun.set()
            assert self.go.wait(30)


def settled(world: World) -> None:
    """Until what was left at work has stored what it did."""
    before, pause = -1, threading.Event()
    while before != world.tables.total:
        before = world.tables.total
        pause.wait(0.2)


@pytest.fixture
def world(tmp_path: Path, without: tuple[Any, ...]) -> Iterator[World]:
    made = World(tmp_path, HURRY)
    made.buy()
    yield made
    made.provisioner.before = None


def test_a_product_that_hangs_past_the_deadline_is_answered_for_and_ends_its_work(
    world: World, seen: Seen, without: tuple[Any, ...]
) -> None:
    hanging = Hanging(world, "renew")
    assert renewed(world) == IN_PROCESS
    assert seen("koogallery_failed_calls_total") == 1
    assert renewed(world) == IN_PROCESS, "whoever is at work is not disturbed"
    hanging.go.set()
    settled(world)
    assert renewed(world) == SUCCESS
    assert world.provisioner.count("renew") == 1
    assert ended(world) == without


def test_a_product_that_hangs_past_the_lease_is_asked_again_and_told_how_it_is(
    world: World, seen: Seen, without: tuple[Any, ...]
) -> None:
    hanging = Hanging(world, "renew")
    assert renewed(world) == IN_PROCESS
    world.clock.advance(world.app.lease + timedelta(seconds=1))
    assert renewed(world) == SUCCESS
    assert len({key for method, _, key in world.provisioner.calls if method == "renew"}) == 1
    hanging.go.set()
    settled(world)
    assert swept(world) == {"product.unsure"}
    assert seen("koogallery_findings") == 1
    [found] = findings(world.app)
    assert main(found.mended_by.split()[1:]) == 0
    assert swept(world) == set()
    assert ended(world) == without


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_creation_that_hangs_is_there_once_it_comes_back(tmp_path: Path, version: str) -> None:
    folder = tmp_path / "creation"
    folder.mkdir()
    world = World(folder, HURRY)
    hanging = Hanging(world, "create")
    buy = world.buy if version == "v1" else world.buy_v2
    assert buy("CS7", "b7")["resultCode"] == IN_PROCESS
    hanging.go.set()
    settled(world)
    answer = buy("CS7", "b8")
    assert (answer["resultCode"], answer["instanceId"]) == (SUCCESS, "b7")
    assert world.provisioner.count("create") == 1


def test_a_store_that_somebody_has_locked(world: World, seen: Seen, without: tuple[Any, ...], tmp_path: Path) -> None:
    with locked(tmp_path / "store.sqlite"):
        assert renewed(world) in (IN_PROCESS, BROKEN)
        assert seen("koogallery_failed_calls_total") == 1
    settled(world)
    world.clock.advance(world.app.lease + timedelta(seconds=1))
    assert renewed(world) == SUCCESS
    assert ended(world) == without


@pytest.mark.engines
def test_a_store_that_throttles(tmp_path: Path, seen: Seen, without: tuple[Any, ...]) -> None:
    with engines.ministack() as engine, throttled(engine) as throttle, pytest.MonkeyPatch.context() as patch:
        for name, value in engines.ENVIRONMENT.items():
            patch.setenv(name, value)
        ensure_tables(administration(engine), "throttled-")
        clock = FakeClock()
        tables = DynamoTables("throttled-", clock, throttle.url)
        world = World(tmp_path, clock=clock, tables=tables)
        assert world.buy()["resultCode"] == SUCCESS
        throttle.on = True
        assert renewed(world) == BROKEN
        assert throttle.refused > 1, "it is asked again before that is given up"
        assert seen("koogallery_failed_calls_total") == 1
        throttle.on = False
        assert renewed(world) == SUCCESS
        assert ended(world) == without
