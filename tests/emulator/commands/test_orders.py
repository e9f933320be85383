"""``koogallery orders``: what programs, spreadsheets and people read of a month's orders."""

import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.commands.cli import main
from shared import log
from tests.world import World


@pytest.fixture(autouse=True)
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[World]:
    made = World(tmp_path)
    made.buy("CS1", "b1", orderAmount="1200.10")
    made.clock.advance(60)
    renewal = {"instanceId": "b1", "orderId": "R1", "expireTime": "20281120235959", "orderAmount": "99.999"}
    made.send(made.v1.call("refreshInstance", **renewal))
    made.clock.advance(60)
    made.send(made.v1.call("releaseInstance", instanceId="b1", orderId="CS1", orderAmount="1200.1"))
    capsys.readouterr()
    yield made
    log.write_to(sys.__stderr__ or sys.stderr)  # the one in use is closed with the test


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["orders", "--month", "2026-11", *arguments]) == 0
    return capsys.readouterr().out


def test_programs_get_exact_amounts_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(said(capsys, "--json"))
    first = {
        "orderId": "CS1",
        "type": "NEW",
        "amount": "1200.10",
        "currency": "CNY",
        "at": "2026-11-20T08:30:00Z",
        "instanceId": "b1",
        "customerId": "customer-1",
        "outcome": "done",
        "policy": "new",
    }
    assert first.items() <= document["orders"][0].items()
    assert [(each["orderId"], each["type"], each["amount"]) for each in document["orders"][1:]] == [
        ("R1", "RENEW", "99.999"),
        ("CS1", "UNSUBSCRIBE", "-1200.1"),
    ]
    assert document["totals"] == [{"currency": "CNY", "amount": "99.999"}]


def test_a_month_without_orders(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["orders", "--month", "2026-10", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"month": "2026-10", "orders": [], "totals": []}


def test_spreadsheets_get_a_line_for_each_order(capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(said(capsys, "--csv"))))
    assert [(row["orderId"], row["amount"]) for row in rows] == [
        ("CS1", "1200.10"),
        ("R1", "99.999"),
        ("CS1", "-1200.1"),
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_people_get_a_table(capsys: pytest.CaptureFixture[str], language: str) -> None:
    out = said(capsys, "--lang", language)
    assert "-1200.1" in out
    assert ("订单" in out) is (language == "zh")


def test_the_currency_is_that_of_the_site(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.values["KOOGALLERY_API_URLS"] = "https://mkt-intl.myhuaweicloud.com"
    assert json.loads(said(capsys, "--json"))["totals"] == [{"currency": "USD", "amount": "99.999"}]


def test_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--month", "2026-13"], ["--month", "November"], [], ["--month", "2026-11", "--json", "--csv"]):
        assert main(["orders", *words]) == 2
    assert "--month must be like 2026-11" in capsys.readouterr().err
