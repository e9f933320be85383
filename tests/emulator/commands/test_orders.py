"""``koogallery orders``: what programs, spreadsheets and people read of a month's orders."""

import csv
import io
import json
from pathlib import Path

import pytest

from emulator.commands.cli import main
from tests.world import World


@pytest.fixture(autouse=True)
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    made = World(tmp_path)
    made.buy("CS1", "b1", orderAmount="1200.10")
    made.clock.advance(60)
    renewal = {"instanceId": "b1", "orderId": "R1", "expireTime": "20281120235959", "orderAmount": "99.999"}
    made.send(made.v1.call("refreshInstance", **renewal))
    made.clock.advance(60)
    made.send(made.v1.call("releaseInstance", instanceId="b1", orderId="CS1", orderAmount="1200.1"))
    capsys.readouterr()
    return made


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
    assert json.loads(capsys.readouterr().out) == {"month": "2026-10", "orders": [], "totals": [], "usage": []}


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


BILL = "\ufeff账单明细,,\n订单号,商品,实付金额(元)\nCS1,A,1200.10\nCS1,A,-1200.1\nR1,A,99.999\n合计,,99.999\n"


def billed(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "bill.csv").write_text(text, encoding="utf-8")
    return ["orders", "--month", "2026-11", "--bill", str(tmp_path / "bill.csv"), "--json"]


def test_a_bill_that_agrees(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(billed(tmp_path, BILL)) == 0
    assert json.loads(capsys.readouterr().out)["differences"] == []


@pytest.mark.parametrize(
    ("text", "difference"),
    [
        (BILL.replace("R1,A,99.999", "R1,A,99.99"), {"orderId": "R1", "booked": "99.999", "billed": "99.99"}),
        (BILL.replace("R1,A,99.999\n", ""), {"orderId": "R1", "booked": "99.999", "billed": None}),
        (BILL.replace("R1,", "X9,A,5\nR1,"), {"orderId": "X9", "booked": None, "billed": "5"}),
        (BILL.replace("CS1,A,-1200.1\n", ""), {"orderId": "CS1", "booked": "0.00", "billed": "1200.10"}),
    ],
)
def test_a_bill_that_differs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, difference: dict[str, str]
) -> None:
    assert main(billed(tmp_path, text)) == 1
    assert json.loads(capsys.readouterr().out)["differences"] == [difference]
    assert main(billed(tmp_path, text)[:-1]) == 1
    assert difference["orderId"] in capsys.readouterr().err


def test_an_order_of_another_month_is_looked_up(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world.clock.advance(20 * 86400)
    world.buy("CS9", "b9", orderAmount="7")
    capsys.readouterr()
    assert main(billed(tmp_path, BILL.replace("R1,", "CS9,A,7\nR1,"))) == 0
    assert "CS9" not in capsys.readouterr().out


@pytest.mark.parametrize("text", ["a,b\n1,2\n", BILL.replace("99.999\n合", "many\n合")])
def test_a_bill_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    assert main(billed(tmp_path, text)) == 2


def test_columns_may_be_named(tmp_path: Path) -> None:
    text = BILL.replace("订单号", "单据").replace("实付金额(元)", "收入")
    assert main(billed(tmp_path, text)) == 2
    assert main([*billed(tmp_path, text), "--columns", "order=单据,amount=收入"]) == 0


def test_a_part_that_no_bill_has(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*billed(tmp_path, BILL), "--columns", "oder=单据"]) == 2
    assert "--columns knows order, amount, instance, begin, end and value, not oder" in capsys.readouterr().err
