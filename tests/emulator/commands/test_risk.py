"""``koogallery risk``."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from emulator.commands.cli import main
from shared.clock import Deadline
from shared.watch.look import look
from tests.world import World


def broken(_method: str) -> None:
    raise RuntimeError


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.mark.usefixtures("world")
def test_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["risk", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document == {
        "ok": True,
        "orders": {"month": "2026-11", "failed": 0, "limit": 5, "list": []},
        "probes": {"daysInARow": 0, "limit": 5, "failed": []},
        "open": [],
        "refused": [],
        "findings": [],
    }


@pytest.mark.parametrize(
    ("language", "words"), [("en", "failed orders in 2026-11: 3 of 5"), ("zh", "2026-11 失败的订单：3 个")]
)
def test_three_failed_orders_are_too_near(
    world: World, capsys: pytest.CaptureFixture[str], language: str, words: str
) -> None:
    world.provisioner.before = broken
    for number in range(3):
        world.buy(f"CS{number}", f"b{number}")
    world.clock.advance(timedelta(hours=3))
    world.buy("CS9", "b9")

    assert main(["risk", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert [each["orderId"] for each in document["orders"]["list"]] == ["CS0", "CS1", "CS2"]
    assert document["open"] == [
        {
            "activity": "newInstance",
            "orderId": "CS9",
            "instanceId": "",
            "result": "000005",
            "reason": "RuntimeError",
            "since": "2026-11-20T11:30:00Z",
            "until": "2026-11-20T14:30:00Z",
            "repeats": 3,
        }
    ]
    assert main(["risk", "--lang", language]) == 1
    assert words in capsys.readouterr().out


def test_what_the_sweep_found_is_shown_with_the_command_to_begin_with(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.buy(expireTime="20261121235959")
    world.clock.advance(timedelta(days=3))
    look(world.app, Deadline(world.clock, 60), None)
    capsys.readouterr()
    assert main(["risk", "--json"]) == 0
    [found] = json.loads(capsys.readouterr().out)["findings"]
    command = {"subject": "business-1", "command": "koogallery show business-1"}
    assert found == {"check": "expiry.untold", "since": "2026-11-23T08:30:00Z", **command}
    assert main(["risk"]) == 0
    assert "koogallery show business-1" in capsys.readouterr().out
