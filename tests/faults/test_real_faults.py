"""Faults that are not only raised: a product that hangs, a store that throttles, a file that is locked."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from emulator.commands.cli import main
from shared.store.dynamodb import DynamoTables, administration, ensure_tables
from shared.timeouts import end_idle_threads
from shared.watch.findings import findings
from tests import engines
from tests.fakes import FakeClock
from tests.faults.healed import Seen, ended, renewed, swept
from tests.faults.surroundings import locked, throttled
from tests.world import World

PATIENT = {"KOOGALLERY_DEADLINE": "30"}
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


@contextmanager
def hurry(world: World) -> Iterator[None]:
    """Within, an answer is due at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(world.values, "KOOGALLERY_DEADLINE", "0.3")
        yield


def settled() -> None:
    """Until what was left at work has ended."""
    end = time.monotonic() + 30
    while any(each.name == "koogallery-work" for each in threading.enumerate()):
        assert time.monotonic() < end, "it is still at work"
        end_idle_threads()
        time.sleep(0.01)


@pytest.fixture
def world(tmp_path: Path, without: tuple[Any, ...]) -> Iterator[World]:
    made = World(tmp_path, PATIENT)
    made.buy()
    yield made
    made.provisioner.before = None


def test_a_product_that_hangs_past_the_deadline_is_answered_for_and_ends_its_work(
    world: World, seen: Seen, without: tuple[Any, ...]
) -> None:
    hanging = Hanging(world, "renew")
    with hurry(world):
        assert renewed(world) == IN_PROCESS
    assert seen("koogallery_failed_calls_total") == 1
    assert renewed(world) == IN_PROCESS, "whoever is at work is not disturbed"
    hanging.go.set()
    settled()
    assert renewed(world) == SUCCESS
    assert world.provisioner.count("renew") == 1
    assert ended(world) == without


def test_a_product_that_hangs_past_the_lease_is_asked_again_and_told_how_it_is(
    world: World, seen: Seen, without: tuple[Any, ...]
) -> None:
    hanging = Hanging(world, "renew")
    with hurry(world):
        assert renewed(world) == IN_PROCESS
    world.clock.advance(world.app.lease + timedelta(seconds=1))
    assert renewed(world) == SUCCESS
    assert len({key for method, _, key in world.provisioner.calls if method == "renew"}) == 1
    hanging.go.set()
    settled()
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
    world = World(folder, PATIENT)
    hanging = Hanging(world, "create")
    buy = world.buy if version == "v1" else world.buy_v2
    with hurry(world):
        assert buy("CS7", "b7")["resultCode"] == IN_PROCESS
    hanging.go.set()
    settled()
    answer = buy("CS7", "b8")
    assert (answer["resultCode"], answer["instanceId"]) == (SUCCESS, "b7")
    assert world.provisioner.count("create") == 1


def test_a_store_that_somebody_has_locked(world: World, seen: Seen, without: tuple[Any, ...], tmp_path: Path) -> None:
    with locked(tmp_path / "store.sqlite"), hurry(world):
        assert renewed(world) in (IN_PROCESS, BROKEN)
        assert seen("koogallery_failed_calls_total") == 1
    settled()
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
