"""Calls are found by what stands in them, views are kept by name, two calls stand side by side."""

import re

import pytest
from flask.testing import FlaskClient

from emulator.marketplace.market import Market
from emulator.marketplace.storage import timeline as timeline_module
from emulator.marketplace.storage.call_filter import Filter
from shared.commands import Version
from tests.emulator.console.calls import ORDER, every_kind, outgoing, v1, v2


@pytest.fixture(autouse=True)
def calls(market: Market) -> None:
    """Six calls, one of each kind."""
    for call in every_kind().values():
        market.timeline.add(call)


@pytest.mark.parametrize(
    ("chosen", "numbers"),
    [
        (Filter(text="tenantid"), [4, 3]),
        (Filter(text="艾克米"), [3, 1]),
        (Filter(text="usage_value"), [6]),
        (Filter(header="nonce: NONCE-1"), [6]),
        (Filter(header="body-sign"), [4, 3, 2, 1]),
        (Filter(text="usage_value", direction="out"), []),
        (Filter(code="000000", slower="12"), [4, 3, 2, 1]),
        (Filter(slower="13"), []),
        (Filter(code="none"), [6, 5]),
        (Filter(source="seller"), [6, 5]),
        (Filter(begin="2026-11-22T20:42", end="2026-11-22T20:43", family="sync"), [4, 3]),
        (Filter(end="2026-11-22T20:42"), []),
        (Filter(begin="nonsense", slower="much"), [6, 5, 4, 3, 2, 1]),
    ],
)
def test_filters(market: Market, chosen: Filter, numbers: list[int]) -> None:
    assert [line.number for line in market.timeline.lines(chosen)] == numbers
    assert [line.number for line in market.timeline.lines(chosen, limit=1)] == numbers[:1]


def test_a_search_looks_into_so_many_calls_and_says_how_far(
    client: FlaskClient, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline_module, "LOOKED_AT", 2)
    found = market.timeline.page(Filter(text="艾克米"))
    assert ([line.number for line in found.lines], found.further, found.looked_at) == ([], 5, 2)
    text = client.get("/calls?text=艾克米").text
    assert "Looked into 2 calls down to #5: look further" in text
    found = market.timeline.page(Filter(text="艾克米"), before=4)
    assert ([line.number for line in found.lines], found.further) == ([3], 2)
    assert market.timeline.page(Filter(text="艾克米"), before=2).further is None


@pytest.mark.parametrize("chosen", [Filter(), Filter(about=ORDER), Filter(text="a"), Filter(header="body-sign")])
def test_there_is_nothing_older_behind_a_page_that_is_just_full(market: Market, chosen: Filter) -> None:
    numbers = [line.number for line in market.timeline.lines(chosen)]
    assert market.timeline.page(chosen, limit=len(numbers)).further is None
    assert market.timeline.page(chosen, limit=len(numbers) - 1).further == numbers[-2]


def test_views_are_kept_by_name(client: FlaskClient) -> None:
    shown = client.post("/calls/views", data={"name": "broken", "query": "verdict=failed&code=000005&evil=1"})
    assert shown.headers["location"].endswith("/calls?verdict=failed&code=000005")
    page = client.get("/calls").text
    assert re.search(r'href="/calls\?verdict=failed&amp;code=000005">broken<', page)
    client.post("/calls/views/forget", data={"name": "broken"})
    assert "broken" not in client.get("/calls").text


def test_two_calls_side_by_side(client: FlaskClient, market: Market) -> None:
    first = market.timeline.add(outgoing(v1(customerName="one"), Version.V1, "key"))
    second = market.timeline.add(outgoing(v1(customerName="two"), Version.V1, "key"))
    page = client.get(f"/calls/compare?left={first.number}&right={second.number}").text
    row = next(each for each in re.findall(r"<tr.*?</tr>", page, re.DOTALL) if "<code>customerName</code>" in each)
    assert 'class="differs"' in row
    assert ("<code>one</code>" in row, "<code>two</code>" in row) == (True, True)
    assert client.get(f"/calls/compare?left={first.number}&right={first.number}").text.count('class="differs"') == 0
    assert client.get("/calls/compare?left=1&right=999").status_code == 404


def test_a_body_is_compared_line_by_line(client: FlaskClient, market: Market) -> None:
    bodies = (b'{"resultCode":"000000","a":1}', b'{"resultCode":"000005","b":2,"a":1}')
    calls = [market.timeline.add(outgoing(v2(), Version.V2, "access_key", body=body)) for body in bodies]
    page = client.get(f"/calls/compare?left={calls[0].number}&right={calls[1].number}").text
    answer = page[page.index("Body of the answer") :]
    assert answer.count('class="differs"') == 2
    assert answer.count('class="same"') == 3
