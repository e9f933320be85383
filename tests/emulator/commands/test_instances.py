"""``koogallery list``, ``find``, ``show`` and ``timeline``: what programs and people read of the store."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from emulator.commands.cli import main
from tests.world import World

FIRST = {
    "instanceId": "b1",
    "state": "ACTIVE",
    "orderId": "CS1",
    "customerId": "customer-1",
    "expiresAt": "2027-11-20T15:59:59Z",
}


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    made = World(tmp_path)
    made.buy("CS1", "b1", userId="iam-1")
    made.clock.advance(timedelta(minutes=1))
    made.buy("CS2", "b2", expireTime=None, chargingMode=3, periodType=None, periodNumber=None)
    made.clock.advance(timedelta(minutes=1))
    made.send(made.v1.call("expireInstance", instanceId="b1"))
    made.send(
        made.v1.call("refreshInstance", instanceId="b1", orderId="R1", expireTime="20271120235959", orderAmount="9.90")
    )
    capsys.readouterr()
    return made


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("world")
def test_list_and_find(capsys: pytest.CaptureFixture[str]) -> None:
    second = {"instanceId": "b2", "state": "ACTIVE", "orderId": "CS2", "customerId": "customer-1", "expiresAt": None}
    assert said(capsys, "list") == {"instances": [FIRST, second]}
    assert said(capsys, "list", "--state", "active", "--expires-before", "2027-11-21") == {"instances": [FIRST]}
    assert said(capsys, "list", "--expires-before", "2027-11-20T23:59:59+08:00") == {"instances": []}
    assert said(capsys, "find", "--order", "R1") == {"instances": [FIRST]}
    assert said(capsys, "find", "--customer", "customer-1") == {"instances": [FIRST, second]}
    assert said(capsys, "find", "--user", "iam-1") == {"instances": [FIRST]}


@pytest.mark.usefixtures("world")
def test_show(capsys: pytest.CaptureFixture[str]) -> None:
    shown = said(capsys, "show", "b1")
    assert shown["instance"] == shown["instance"] | FIRST | {"productId": "00301-666666-0--0", "trial": False}
    told = [(each["what"], each.get("orderId"), each["result"], each["from"]) for each in shown["history"][1:]]
    assert told == [("freeze", None, "done", "ACTIVE"), ("renew", "R1", "done", "FROZEN")]
    assert shown["history"][0] == {
        "at": "2026-11-20T08:30:00Z",
        "what": "create",
        "orderId": "CS1",
        "result": "done",
        "to": "ACTIVE",
    }
    assert "Passw0rd" not in json.dumps(shown)


@pytest.mark.usefixtures("world")
def test_timeline(capsys: pytest.CaptureFixture[str]) -> None:
    history = said(capsys, "timeline", "--customer", "customer-1")["history"]
    assert [(each["instanceId"], each["what"]) for each in history] == [
        ("b1", "create"),
        ("b2", "create"),
        ("b1", "freeze"),
        ("b1", "renew"),
    ]


def test_pages_go_on(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(120):
        world.buy(f"CT{number}", f"c{number:03d}")
    capsys.readouterr()
    first = said(capsys, "list")
    rest = said(capsys, "list", "--next", first["next"])
    assert len(first["instances"]) + len(rest["instances"]) == 122
    assert "next" not in rest


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_people_get_tables(capsys: pytest.CaptureFixture[str], language: str) -> None:
    for words in (["list"], ["find", "--order", "CS1"], ["show", "b1"], ["timeline", "--order", "CS1"]):
        assert main([*words, "--lang", language]) == 0
        out = capsys.readouterr().out
        assert "b1" in out
        assert ("实例" in out) is (language == "zh")


@pytest.mark.usefixtures("world")
def test_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "unknown"]) == 1
    assert "no such instance" in capsys.readouterr().err
    assert main(["find", "--order", "unknown"]) == 1
    assert main(["find"]) == 2
    assert main(["find", "--order", "a", "--user", "b"]) == 2
    assert main(["list", "--state", "lost"]) == 2
    assert main(["list", "--expires-before", "tomorrow"]) == 2
