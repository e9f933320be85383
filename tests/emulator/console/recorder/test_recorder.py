"""The recorder's page: what is pasted, what of the timeline, and the files."""

import io
import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient

from emulator.marketplace.subscriptions.buyers import Customer
from emulator.wire.calls import V1Calls, url_of
from shared.clock import SystemClock
from tests.emulator.console.world import ConsoleWorld
from tests.emulator.console.world import world as make_world

PATHS = ["aws/renew-v1.json", "functiongraph/renew-v1.json", "test_renew_v1.py"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with make_world(tmp_path) as made:
        yield made


@pytest.fixture
def client(world: ConsoleWorld) -> FlaskClient:
    return world.client


def pasted(world: ConsoleWorld, key: str = "") -> str:
    """A renewal of a real buyer, as copied from a log."""
    calls = V1Calls(key or world.market.keys.key, SystemClock(), "/saas")
    fields = {"instanceId": "secret-instance", "orderId": "CS-SECRET-1", "expireTime": "20271120235959"}
    return f"https://isv.example.com{url_of('', calls.call('refreshInstance', **fields))}"


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def test_what_is_pasted(world: ConsoleWorld, client: FlaskClient) -> None:
    page = client.post("/recorder", data={"text": pasted(world), "keys": "on"}).text
    result = text_of(page.partition("<h2>Recorded")[2])
    assert "renew-v1 refreshInstance v1 000000 right instanceId, orderId" in result
    assert all(path in result for path in PATHS)
    assert "secret-instance" not in re.sub(r"<(textarea|input)[^>]*>[^<]*", "", page)


@pytest.mark.parametrize(("keys", "key", "verdict"), [("on", "other", "wrong"), ("", "", "not checked")])
def test_the_signature_is_judged(world: ConsoleWorld, client: FlaskClient, keys: str, key: str, verdict: str) -> None:
    page = client.post("/recorder", data={"text": pasted(world, key), "keys": keys}).text
    assert f"000000 {verdict}" in text_of(page)


def test_the_files_are_those_that_were_shown(world: ConsoleWorld, client: FlaskClient) -> None:
    shown = client.post("/recorder", data={"text": pasted(world), "name": "mine", "keys": "on"}).text
    salt = re.search(r'name="salt" value="(\w+)"', shown)
    assert salt
    form = {"text": pasted(world), "name": "mine", "keys": "on", "salt": salt[1]}
    archive = ZipFile(io.BytesIO(client.post("/recorder/files", data=form).data))
    names = ["recorded/aws/mine.json", "recorded/functiongraph/mine.json", "recorded/test_mine.py"]
    assert archive.namelist() == names
    one = client.post("/recorder/files", data={**form, "file": "aws/mine.json"})
    event = json.loads(one.data)
    assert one.headers["Content-Disposition"] == 'attachment; filename="aws-mine.json"'
    order = event["queryStringParameters"]["orderId"]
    assert order != "CS-SECRET-1"
    assert f"orderId={order}" in unescape(shown) or order in unescape(shown)
    compile(archive.read(names[2]), names[2], "exec")


def test_a_call_of_the_timeline(world: ConsoleWorld, client: FlaskClient) -> None:
    world.bought("yearly-v1")
    number = world.market.timeline.latest()
    assert f'href="/recorder?call={number}"' in client.get(f"/calls/{number}").text
    page = client.get(f"/recorder?call={number}").text
    assert "newInstance v1 000000 right" in text_of(page)
    customer = world.market.database.all(Customer)[0]
    assert customer.id not in page
    archive = ZipFile(io.BytesIO(client.post("/recorder/files", data={"call": str(number)}).data))
    assert len(archive.namelist()) == 3


def test_a_call_of_the_seller_is_none(world: ConsoleWorld, client: FlaskClient) -> None:
    world.bought("yearly-v2")
    asked = next(line.number for line in world.market.timeline.lines() if line.direction == "in")
    assert "no call of the marketplace to the seller" in client.get(f"/recorder?call={asked}").text


@pytest.mark.parametrize("text", ["", "nothing", "{}"])
def test_no_call(client: FlaskClient, text: str) -> None:
    page = client.post("/recorder", data={"text": text}).text
    assert "There is no call of the marketplace in this text." in page
    assert "a curl command" in page
    assert client.post("/recorder/files", data={"text": text}).status_code == 422


def test_no_name(world: ConsoleWorld, client: FlaskClient) -> None:
    page = client.post("/recorder", data={"text": pasted(world), "name": "../x"}).text
    assert "This cannot be recorded" in page


def test_nothing_there(world: ConsoleWorld, client: FlaskClient) -> None:
    assert client.get("/recorder?call=99").status_code == 404
    assert client.get("/recorder?call=x").status_code == 404
    assert client.post("/recorder/files", data={"text": pasted(world), "file": "../x"}).status_code == 404
