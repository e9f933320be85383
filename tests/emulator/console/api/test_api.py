"""The JSON API: it is what its description says, reads what the pages show, and acts under the same guard."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from emulator.marketplace.delivery.messages import Delivery, Message
from emulator.marketplace.market import Market
from tests.emulator.console.api.described import BASE, DOCUMENT, OPERATIONS, asked
from tests.emulator.console.world import ConsoleWorld, world


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleWorld]:
    folder: Path = tmp_path_factory.mktemp("api")
    with world(folder) as made:
        yield made


def test_every_route_is_described_and_no_other(client: FlaskClient) -> None:
    rules = [rule for rule in client.application.url_map.iter_rules() if rule.rule.startswith(f"{BASE}/")]
    routes = {
        (
            re.sub(r"<(?:int:)?(\w+)>", r"{\1}", rule.rule.removeprefix(BASE)).replace("{place}", "{number}"),
            method.lower(),
        )
        for rule in rules
        for method in rule.methods or ()
        if method not in ("HEAD", "OPTIONS")
    }
    assert routes == OPERATIONS.keys()


def test_the_description_holds_together() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    names = [each["operationId"] for each in OPERATIONS.values()]
    assert len(set(names)) == len(names)
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    used = set(re.findall(r'"#/components/(\w+)/(\w+)"', json.dumps(DOCUMENT)))
    assert used == {(kind, name) for kind, known in DOCUMENT["components"].items() for name in known}
    for (path, _), each in OPERATIONS.items():
        parameters = {name["name"] for name in each.get("parameters", ()) if name["in"] == "path"}
        assert parameters == set(re.findall(r"{(\w+)}", path))


def test_the_description_is_served(client: FlaskClient) -> None:
    assert asked(client, "get", "/openapi.json", 200) == DOCUMENT


def test_a_purchase_and_what_follows(real: ConsoleWorld) -> None:
    client = real.client
    bought = asked(client, "post", "/instances", 201, {"product": "yearly-v2"})
    assert (bought["state"], bought["product"]) == ("active", "yearly-v2")
    assert "renew" in bought["actions"]
    assert asked(client, "get", f"/instances/{bought['instanceId']}", 200) == bought
    renewed = asked(client, "post", f"/instances/{bought['id']}/renew", 200)
    assert renewed["expiresAt"] > bought["expiresAt"]
    refused = asked(client, "post", f"/instances/{bought['id']}/convert", 409)
    assert refused["error"]["code"] == "no-trial"
    assert asked(client, "get", "/instances", 200)["instances"][0]["id"] == bought["id"]
    assert {each["type"] for each in asked(client, "get", "/orders", 200)["orders"]} >= {"NEW", "RENEW"}
    delivered = asked(client, "get", "/messages?state=delivered&limit=1", 200)
    assert delivered["next"] == 2
    message = delivered["messages"][0]
    assert asked(client, "get", f"/messages/{message['id']}", 200) == message
    asked(client, "post", f"/messages/{message['id']}/try", 200)
    asked(client, "get", "/mails", 200)
    asked(client, "get", "/customers", 200)


def test_calls_are_read_composed_and_sent_again(real: ConsoleWorld) -> None:
    client = real.client
    made = asked(
        client, "post", "/calls", 201, {"name": "queryInstance", "version": "v1", "values": {"instanceId": "i"}}
    )
    assert (made["verdict"], made["activity"], made["version"]) == ("passed", "queryInstance", "v1")
    assert asked(client, "get", f"/calls/{made['number']}", 200) == made
    again = asked(client, "post", f"/calls/{made['number']}/resend", 201)
    assert again["number"] > made["number"]
    lines = asked(client, "get", "/calls?activity=queryInstance&limit=1", 200)
    assert [each["number"] for each in lines["calls"]] == [again["number"]]
    older = asked(client, "get", f"/calls?activity=queryInstance&before={lines['next']}", 200)
    assert older["calls"][0]["number"] == made["number"]
    known = asked(client, "get", "/interfaces", 200)["interfaces"]
    assert {each["name"] for each in known} >= {"newInstance", "tenantSync", "orderNotify"}


def test_a_message_that_was_given_up_is_tried_again(real: ConsoleWorld) -> None:
    bought = asked(real.client, "post", "/instances", 201, {"product": "monthly-v1"})
    real.refuse(2)
    asked(real.client, "post", f"/instances/{bought['id']}/renew", 200)
    (message,) = [each for each in real.market.database.all(Message) if each.state is Delivery.WAITING]
    assert asked(real.client, "post", f"/messages/{message.id}/try", 200)["attempts"] == 2
    real.answers.clear()


def test_products_are_written_and_withdrawn(real: ConsoleWorld) -> None:
    plan = {"productId": "p", "skuCode": "s", "name": "Only", "periodType": "month", "price": "12.50"}
    made = asked(real.client, "put", "/products/mine", 200, {"name": "Mine", "plans": [plan]})
    assert (made["id"], made["revision"], made["plans"][0]["price"]) == ("mine", "mine", "12.50")
    assert asked(real.client, "get", "/products/mine", 200) == made
    bought = asked(real.client, "post", "/instances", 201, {"product": "mine"})
    assert bought["plan"] == "p"
    changed = asked(real.client, "put", "/products/mine", 200, {"name": "Mine", "plans": [plan | {"price": "13"}]})
    assert changed["revision"] == "mine@2"
    wrong = asked(real.client, "put", "/products/mine", 400, {"name": "", "plans": [plan]})
    assert [each["field"] for each in wrong["error"]["fields"]] == ["name"]
    asked(real.client, "delete", "/products/mine", 204)
    asked(real.client, "get", "/products/mine", 404)
    asked(real.client, "get", "/products", 200)


def test_faults_clock_usage_and_check(real: ConsoleWorld) -> None:
    client = real.client
    fault = asked(client, "get", "/faults", 200)["faults"][0]["id"]
    changed = asked(client, "put", f"/faults/{fault}", 200, {"rate": 0.25})
    assert {each["id"]: each["rate"] for each in changed["faults"]}[fault] == 0.25
    asked(client, "put", f"/faults/{fault}", 200, {"rate": 0})
    asked(client, "put", f"/faults/{fault}", 400, {"rate": 2})
    metered = asked(client, "post", "/instances", 201, {"product": "pay-per-use-v2"})
    usage = asked(client, "get", f"/usage/{metered['instanceId']}", 200)
    assert [usage[each] for each in ("used", "accepted", "billed", "notUploaded", "verdict")] == [*"0000", "nothing"]
    before = asked(client, "get", "/clock", 200)["now"]
    asked(client, "post", "/clock", 202, {"seconds": 3600})
    until = time.monotonic() + 20
    while asked(client, "get", "/clock", 200)["moving"] and time.monotonic() < until:
        time.sleep(0.05)
    assert asked(client, "get", "/clock", 200)["now"] > before
    asked(client, "post", "/clock", 400, {"seconds": -1})
    asked(client, "post", "/check", 202, {"only": ["v2.life.query"]})
    while asked(client, "get", "/check", 200)["going"] and time.monotonic() < until:
        time.sleep(0.05)
    report = asked(client, "get", "/check", 200)["report"]
    assert report["summary"]["failed"] == 0
    assert "v2.life.query" in [each["id"] for each in report["cases"]]


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("get", "/calls/999", 404, None),
        ("get", "/messages/none", 404, None),
        ("get", "/instances/none", 404, None),
        ("post", "/instances/none/renew", 404, None),
        ("post", "/calls/999/resend", 404, None),
        ("post", "/messages/none/try", 404, None),
        ("delete", "/products/none", 404, None),
        ("put", "/faults/none", 404, {"rate": 0}),
        ("get", "/usage/none", 404, None),
        ("post", "/calls", 404, {"name": "none"}),
        ("post", "/calls", 400, {"name": 1}),
        ("post", "/calls", 400, {"name": "queryInstance", "values": []}),
        ("post", "/calls", 400, {"name": "changeInstanceCheck", "values": {"productInfo": "{"}}),
        ("post", "/instances", 404, {"product": "none"}),
        ("post", "/instances", 400, {"product": "yearly-v2", "parameters": 1}),
        ("post", "/instances", 400, ["yearly-v2"]),
        ("post", "/clock", 400, {"to": "soon"}),
        ("post", "/check", 400, {"only": "all"}),
    ],
)
def test_what_cannot_be_done_is_said(client: FlaskClient, method: str, path: str, status: int, body: Any) -> None:
    asked(client, method, path, status, body)


ACTS = [pytest.param(*each, id=f"{each[1]} {each[0]}") for each in OPERATIONS if each[1] != "get"]


@pytest.mark.parametrize(("path", "method"), ACTS)
def test_no_page_of_another_site_acts(client: FlaskClient, market: Market, path: str, method: str) -> None:
    assert "403" in OPERATIONS[path, method]["responses"]
    filled = re.sub(r"{\w+}", "1", path)
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = client.open(f"{BASE}{filled}", method=method.upper(), headers=headers, json={})
        assert answer.status_code == 403
    assert market.timeline.latest() == 0


def test_no_other_name_reads(client: FlaskClient) -> None:
    assert client.get(f"{BASE}/calls", headers={"Host": "evil.example"}).status_code == 400


def test_texts_are_in_the_readers_language(client: FlaskClient) -> None:
    fields = client.get(f"{BASE}/interfaces?lang=zh").json
    assert fields is not None
    assert "订单" in str(fields)
