"""The journey as a page."""

import re
from collections.abc import Callable

from flask.testing import FlaskClient

from emulator.checks import CHECKS, CheckResult, Verdict
from emulator.console.console_context import ConsoleContext
from emulator.journey import JourneyRow
from emulator.marketplace.market import Market
from emulator.texts import Text, verbatim

ClientFor = Callable[[ConsoleContext], FlaskClient]


def row(chapter: str, step: str, failure: CheckResult | None = None) -> JourneyRow:
    return JourneyRow(
        verbatim(chapter),
        verbatim(step),
        "v1",
        {"orderId": "CS1", "instanceId": "<i>"},
        "request-1",
        "000000",
        12.6,
        failure,
    )


def test_no_journey(client: FlaskClient) -> None:
    assert "No journey was played" in client.get("/journey").text
    assert "未进行全流程演示" in client.get("/journey?lang=zh").text


def test_it_grows_and_ends(market: Market, client_for: ClientFor) -> None:
    shown = ConsoleContext(market, finished=False)
    client = client_for(shown)
    assert 'hx-get="/journey/table"' in client.get("/journey").text
    shown.rows += [row("first", "buy"), row("first", "renew"), row("second", "release")]
    text = client.get("/journey/table").text
    assert text.count("<tbody>") == 2
    assert "3 passed" in text
    assert "/calls?about=CS1" in text
    assert "&lt;i&gt;" in text
    shown.finished = True
    assert client.get("/journey/table").headers["HX-Refresh"] == "true"
    assert 'hx-get="/journey/table"' not in client.get("/journey").text


def test_a_failed_step_says_what_to_do(market: Market, client_for: ClientFor) -> None:
    finding = CheckResult(CHECKS[0], Verdict.FAILED, Text("reasons.timeout", seconds=20))
    client = client_for(ConsoleContext(market, rows=[row("first", "buy", finding)]))
    text = client.get("/journey").text
    assert "0 passed" in text
    assert "1 failed" in text
    assert "nothing within 20 s" in text
    assert str(CHECKS[0].advice) in text
    assert re.search("请让该地址可从公网访问", client.get("/journey?lang=zh").text)
