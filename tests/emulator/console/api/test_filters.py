"""What a page can be narrowed by, its list in the JSON API can be, and both then show the same."""

import html
import re
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask.testing import FlaskClient

from emulator.marketplace.delivery.mails import SELLER, send_mail
from emulator.marketplace.market import Market
from emulator.marketplace.storage.call_filter import FILTERS
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.texts import verbatim
from shared.commands import Version
from tests.emulator.console.api.described import DOCUMENT, asked
from tests.emulator.console.calls import ORDER, every_kind, outgoing, v2

PAGED = {"page", "before", "limit"}
LOOKS = {"lang", "theme", "call"}
"""What else stands in the addresses of pages."""
LISTS = {"/calls": "/calls", "/seller/messages": "/messages", "/seller/mails": "/mails", "/seller/orders": "/orders"}


@pytest.fixture(autouse=True)
def known(market: Market) -> None:
    """Calls of every kind, and one of another order an hour before; a purchase that waits; a mail for either side."""
    for call in every_kind().values():
        market.timeline.add(call)
    other = outgoing(v2(), Version.V2, "access_key", order_id="CS-other")
    market.timeline.add(other.model_copy(update={"at": other.at - timedelta(hours=1)}))
    market.shop.buy(market.database.all(Customer)[0].id, "yearly-v1")
    for to in (SELLER, market.database.all(Customer)[0].id):
        send_mail(market.database, market.clock.now(), to, subject=verbatim(f"To {to}"), text=verbatim("words"))


def narrowed_by(page: str, path: str) -> set[str]:
    """The names in forms that lead to the same page, and in links to it."""
    forms = re.findall(r'<form[^>]*method="get".*?</form>', page, re.DOTALL)
    named = {name for form in forms for name in re.findall(r'<(?:input|select)[^>]* name="(\w+)"', form)}
    links = map(urlsplit, map(html.unescape, re.findall(r'href="([^"]*)"', page)))
    return named | {name for link in links if link.path == path for name, _ in parse_qsl(link.query)}


@pytest.mark.parametrize(("path", "list_"), LISTS.items())
def test_the_same_filters(client: FlaskClient, path: str, list_: str) -> None:
    described = {each["name"] for each in DOCUMENT["paths"][list_]["get"].get("parameters", ())}
    shown = narrowed_by(client.get(path).text, path)
    assert shown - PAGED - LOOKS == described - PAGED


def test_calls_have_every_filter_there_is(client: FlaskClient) -> None:
    assert narrowed_by(client.get("/calls").text, "/calls") - LOOKS == {*FILTERS}


CHOSEN = {
    "direction": "in",
    "family": "sync",
    "activity": "tenantSync",
    "verdict": "passed",
    "about": ORDER,
    "code": "none",
    "source": "seller",
    "slower": "12",
    "begin": "2026-11-22T20:42",
    "end": "2026-11-22T20:42",
    "header": "body-sign",
    "text": "艾克米",
}


@pytest.mark.sweep
@pytest.mark.parametrize("name", FILTERS)
def test_the_same_calls(client: FlaskClient, name: str) -> None:
    every, query = asked(client, "get", "/calls", 200)["calls"], {name: CHOSEN[name]}
    listed = [each["number"] for each in asked(client, "get", "/calls", 200, query_string=query)["calls"]]
    rows = re.findall(r'data-row="(\d+)"', client.get("/calls", query_string=query).text)
    assert listed == [int(each) for each in dict.fromkeys(rows)]
    assert 0 < len(listed) < len(every)


@pytest.mark.parametrize("query", [{"box": "seller"}, {"box": "buyers"}, {"q": "to seller"}, {"q": "words"}])
def test_the_same_mails(client: FlaskClient, query: dict[str, str]) -> None:
    listed = asked(client, "get", "/mails", 200, query_string=query)["mails"]
    shown = client.get("/seller/mails", query_string=query).text
    assert [each["subject"] for each in listed] == re.findall(r"<strong>(To [^<]*)</strong>", shown)
    assert listed


def test_the_same_messages(client: FlaskClient) -> None:
    assert asked(client, "get", "/messages", 200, query_string={"state": "waiting"})["messages"]
    assert asked(client, "get", "/messages", 200, query_string={"state": "delivered"})["messages"] == []
