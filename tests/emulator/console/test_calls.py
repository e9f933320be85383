"""The list of calls and the page of one."""

import html
import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from emulator.console.calls.index import BURST, GROWTH, PAGE
from emulator.marketplace.delivery.call import Family, RecordedCall
from emulator.marketplace.market import Market
from emulator.marketplace.storage.call_filter import Filter
from emulator.texts import verbatim
from shared.commands import Version
from tests.emulator.console.calls import INSTANCE, KEYS, ORDER, every_kind, incoming, order_query, outgoing, v1, v2


def numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r'data-row="(\d+)"', text)]


def address(text: str, pattern: str) -> str:
    found = re.search(pattern, text)
    assert found, pattern
    return html.unescape(found[1])


@pytest.fixture
def calls(market: Market) -> Sequence[RecordedCall]:
    """One of each kind, numbered from 1."""
    return [market.timeline.add(call) for call in every_kind().values()]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_yet(client: FlaskClient, language: str) -> None:
    text = client.get(f"/calls?lang={language}").text
    assert {"en": "No calls yet", "zh": "还没有调用"}[language] in text
    assert "No call matches" in client.get("/calls?verdict=failed&lang=en").text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_kind_of_call_has_a_row_and_a_page(
    client: FlaskClient, calls: Sequence[RecordedCall], language: str
) -> None:
    assert numbers(client.get(f"/calls?lang={language}").text) == [6, 5, 4, 3, 2, 1]
    for call in calls:
        for part in ("", "/panel", "?decrypt=1"):
            text = client.get(f"/calls/{call.number}{part}").text
            assert f"#{call.number}" in text
            assert not any(key in text for key in KEYS.all)
            assert {"en": "fits", "zh": "一致"}[language] in text
    assert client.get("/calls/99").status_code == 404
    assert client.get("/calls?call=99").status_code == 404


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("direction=in", [6, 5]),
        ("family=sync", [4, 3]),
        ("activity=newInstance", [2, 1]),
        ("family=usage&direction=in", [6]),
        ("verdict=failed", []),
        (f"about={ORDER}", [6, 5, 4, 3, 2, 1]),
        (f"about=%20{INSTANCE}%20", [4, 3, 2, 1]),
        ("about=%27%20OR%201", []),
        ("before=3", [2, 1]),
        ("before=x", [6, 5, 4, 3, 2, 1]),
        ("before=99999999999999999999999", [6, 5, 4, 3, 2, 1]),
    ],
)
def test_filters(client: FlaskClient, calls: Sequence[RecordedCall], query: str, expected: list[int]) -> None:
    text = client.get(f"/calls?{query}").text
    verdicts = {"verdict=failed": [call.number for call in calls[::-1] if call.verdict == "failed"]}
    assert numbers(text) == verdicts.get(query, expected)


def test_the_filter_goes_with_every_link(client: FlaskClient, market: Market) -> None:
    for _ in range(PAGE + 1):
        market.timeline.add(every_kind()["gateway"])
        market.timeline.add(every_kind()["v2"])
    text = client.get("/calls?direction=in").text
    assert "direction=in&after=102" in address(text, r'data-live hx-get="([^"]+)"')
    older = address(text, r'hx-get="(/calls/older[^"]+)"')
    assert "direction=in" in older
    assert numbers(client.get(older).text) == [1]


def test_ten_thousand_calls_in_pages(client: FlaskClient, market: Market) -> None:
    call = outgoing(v2(), Version.V2, "access_key")
    with market.database.changing():
        for _ in range(10_000):
            market.timeline.add(call)
    seen = list[int]()
    text = client.get("/calls").text
    assert len(text) < 150_000
    for _ in range(4):
        assert len(numbers(text)) == PAGE
        seen += numbers(text)
        text = client.get(address(text, r'hx-get="(/calls/older[^"]+)"')).text
    assert seen == list(range(10_000, 10_000 - 4 * PAGE, -1))
    assert numbers(client.get("/calls?before=51").text)[-1] == 1
    assert 'hx-get="/calls/older' not in client.get("/calls?before=50").text, "there is nothing older"


@pytest.mark.parametrize(
    ("chosen", "used"),
    [
        (Filter(), "call_listed (number<?)"),
        (Filter(code="000005", slower="20"), "COVERING INDEX call_listed"),
        (Filter(text="anything", begin="2026-11-28"), "COVERING INDEX call_listed"),
        (Filter(about="a", verdict="failed"), "call_of_order"),
        (Filter(about="a", verdict="failed"), "call_of_instance"),
    ],
)
def test_a_page_of_the_list_reads_no_calls_but_its_own(market: Market, chosen: Filter, used: str) -> None:
    """The newest by their number, those of an order by its index, all others from one small index."""
    statement, values = chosen.numbers(9000, None, 50)
    plan = market.database.connection.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
    assert used in " ".join(row[3] for row in plan)


def test_new_calls_come_by_themselves(client: FlaskClient, market: Market, calls: Sequence[RecordedCall]) -> None:
    live = address(client.get("/calls").text, r'data-live hx-get="([^"]+)"')
    assert live == "/calls/newer?after=6&since=6"
    assert client.get(live).status_code == 204
    market.timeline.add(outgoing(v2(), Version.V2, "access_key"))
    text = client.get(live).text
    assert numbers(text) == [7]
    assert address(text, r'data-live hx-get="([^"]+)"') == "/calls/newer?after=7&since=6"
    hidden = client.get("/calls/newer?direction=in&after=6&since=6")
    assert numbers(hidden.text) == []
    assert "after=7" in hidden.text, "the cursor moves past what the filter hides"


def test_too_many_at_once_and_the_list_is_shown_anew(client: FlaskClient, market: Market) -> None:
    for _ in range(BURST + 1):
        market.timeline.add(outgoing(v2(), Version.V2, "access_key"))
    assert client.get("/calls/newer?after=0&since=0").headers["HX-Refresh"] == "true"
    assert numbers(client.get("/calls/newer?after=1&since=1").text)[0] == BURST + 1
    for _ in range(GROWTH):
        market.timeline.add(outgoing(v2(), Version.V2, "access_key"))
    assert client.get("/calls/newer?after=600&since=0").headers["HX-Refresh"] == "true"
    assert client.get("/calls/newer?after=9999&since=9999").headers["HX-Refresh"] == "true", "another file"


def test_what_was_encrypted_is_opened_on_demand(client: FlaskClient, calls: Sequence[RecordedCall]) -> None:
    assert "buyer@acme.example" not in client.get("/calls/1").text
    text = client.get("/calls/1?decrypt=1").text
    assert "buyer@acme.example" in text
    assert "pa55word" in text
    assert "Decrypt</a>" not in client.get("/calls/2").text, "version 2 encrypts nothing"


def test_what_no_key_opens(client: FlaskClient, market: Market) -> None:
    market.timeline.add(outgoing(v1(mobilePhone="nothing that could be opened"), Version.V1, "key"))
    assert "no key opens it" in client.get("/calls/1?decrypt=1").text


def test_from_call_to_call_of_the_same_order(client: FlaskClient, market: Market) -> None:
    for order in ("CS1", "CS2", "CS1", "CS2", "CS1"):
        call = outgoing(v2(), Version.V2, "access_key", order_id=order)
        market.timeline.add(call.model_copy(update={"instance_id": ""}))
    text = client.get("/calls/3").text
    assert address(text, r'href="([^"]+)">Previous') == "/calls/1"
    assert address(text, r'href="([^"]+)">Next') == "/calls/5"
    assert ">Previous:" not in client.get("/calls/1").text
    assert ">Next:" not in client.get("/calls/5").text


def test_the_first_failure_stands_first(client: FlaskClient, market: Market) -> None:
    market.timeline.add(outgoing(v1(), Version.V1, "key", body=b"<html>502</html>"))
    row, page = client.get("/calls").text, client.get("/calls/1?lang=zh").text
    assert "the body is not a JSON object in UTF-8" in row
    assert page.index("响应体是 JSON 对象") < page.index("查询参数")
    assert "&lt;html&gt;502" in page


def test_what_came_from_outside_is_text(client: FlaskClient, market: Market) -> None:
    call = outgoing(v1(customerName="<script>alert(1)</script>"), Version.V1, "key", activity="<b>x</b>")
    market.timeline.add(call.model_copy(update={"occasion": verbatim("<i>"), "fault": "<u>"}))
    for path in ("/calls", "/calls/1", "/calls/1/panel", "/calls/1/edit"):
        text = client.get(path).text
        assert not re.search(r"<script>alert|<b>x|<i>|<u>", text)


def test_the_command_sends_what_was_sent_whatever_it_begins_with(client: FlaskClient, market: Market) -> None:
    """To most options of curl a body that begins with ``@`` is the name of a file."""
    sent = replace(v2(), method="PO'ST", body=b"@/etc/passwd")
    market.timeline.add(outgoing(sent, Version.V2, "access_key"))
    words = shlex.split(
        client.get(address(client.get("/calls/1").text, r'href="([^"]+)" download')).text.partition("\n")[2]
    )

    assert words[words.index("--data-raw") + 1] == "@/etc/passwd"
    assert words[words.index("-X") + 1] == "PO'ST"
    assert not {"-d", "--data", "--data-binary"} & set(words)


def test_a_redirection_by_the_marketplace_is_no_failure(market: Market, client: FlaskClient) -> None:
    for status in (302, 404):
        call = incoming(order_query(), Family.SIGN_IN)
        market.timeline.add(call.model_copy(update={"received": call.received.model_copy(update={"status": status})}))
    page = client.get("/calls").text
    assert '<span class="dim">302</span>' in page
    assert '<span class="bad">404</span>' in page


def test_where_the_clock_was_set_back_the_list_says_so(market: Market, client: FlaskClient) -> None:
    for hours in (0, 3, 1):
        call = incoming(order_query(), Family.ORDERS)
        market.timeline.add(call.model_copy(update={"at": call.at + timedelta(hours=hours)}))
    page = client.get("/calls").text
    assert page.count("the simulated clock was set back") == 1
    assert "from 11-22 23:42 to 11-22 21:42 UTC" in page
