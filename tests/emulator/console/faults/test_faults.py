"""The faults' page: rates, once, all off, and a word about each in both languages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.console.faults.advice import ADVICE
from emulator.marketplace.faults.fault_list import FAULTS, LOST
from emulator.marketplace.faults.switches import Where
from emulator.texts import texts
from tests.emulator.console.world import ConsoleWorld
from tests.emulator.console.world import world as make_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with make_world(tmp_path) as made:
        yield made


def posted(world: ConsoleWorld, path: str, **form: str) -> str:
    return world.client.post(path, data=form, follow_redirects=True).text


def test_each_fault_is_explained() -> None:
    assert ADVICE.keys() == FAULTS.keys()
    assert {f"faults.what.{fault}" for fault in FAULTS} <= texts().keys()
    assert {f"faults.do.{advice}" for advice in ADVICE.values()} <= texts().keys()


def test_all_are_shown(world: ConsoleWorld) -> None:
    page = world.client.get("/faults").text
    assert re.findall(r'<code class="dim">([a-z-]+)</code>', page) == [
        fault.id for where in Where for fault in FAULTS.values() if fault.where is where
    ]


@pytest.mark.parametrize(("percent", "rate"), [("50", 0.5), ("0.5", 0.005), ("100", 1.0)])
def test_on_at_a_rate(world: ConsoleWorld, percent: str, rate: float) -> None:
    page = posted(world, f"/faults/{LOST}", act="on", percent=percent)
    assert world.market.switches.rate(LOST) == rate
    assert f'value="{percent}" id="p-{LOST}"' in page
    assert "faults on: 1" in page


def test_off(world: ConsoleWorld) -> None:
    world.market.switches.set(LOST, 1)
    page = posted(world, f"/faults/{LOST}", act="off", percent="60")
    assert not world.market.switches.on()
    assert "faults on" not in page


def test_all_off(world: ConsoleWorld) -> None:
    for fault in FAULTS:
        world.market.switches.set(fault, 0.3)
    assert f"faults on: {len(FAULTS)}" in world.client.get("/calls").text, "in the header of every page"
    assert "faults on" not in posted(world, "/faults/off")
    assert not world.market.switches.on()


@pytest.mark.parametrize("percent", ["", "much", "-1", "101", "nan"])
def test_no_rate(world: ConsoleWorld, percent: str) -> None:
    assert "A rate is a number from 0 to 100" in posted(world, f"/faults/{LOST}", act="on", percent=percent)
    assert not world.market.switches.on()


def test_for_the_next_call_only(world: ConsoleWorld) -> None:
    assert "Lost on the way" in posted(world, f"/faults/{LOST}", act="once")
    world.bought("one-time-v1")
    world.bought("one-time-v1")
    lines = world.market.timeline.lines()
    assert [line.fault for line in lines] == ["", LOST]


def test_no_such_fault(world: ConsoleWorld) -> None:
    assert world.client.post("/faults/none").status_code == 404
