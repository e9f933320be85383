"""The builder: calls are composed, sent, kept, sent again and passed on."""

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from emulator.composer import INTERFACES
from emulator.console.builder.kept_calls import LATEST, KeptCall
from emulator.marketplace.catalogue.product_files import read
from emulator.marketplace.market import Market
from tests.emulator.console.world import ConsoleWorld, world
from tests.emulator.marketplace.catalogue.own import OWN


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleWorld]:
    folder: Path = tmp_path_factory.mktemp("builder")
    with world(folder) as made:
        made.market.catalogue.load(each.listed() for each in read(OWN).products)
        yield made


def filled(page: str) -> dict[str, str]:
    """What stands in the fields of the call."""
    inputs = re.findall(r'<input id="field-[^"]*" name="([^"]+)" value="([^"]*)"', page)
    areas = re.findall(r'<textarea id="field-[^"]*" name="([^"]+)"[^>]*>([^<]*)</textarea>', page)
    return {name: unescape(value) for name, value in (*inputs, *areas)}


@pytest.mark.sweep
@pytest.mark.parametrize("call", [f"{each.version}.{each.name}" for each in INTERFACES.values()])
def test_each_call_is_shown_with_what_its_fields_mean(client: FlaskClient, call: str) -> None:
    version, _, name = call.partition(".")
    known = next(each for (found, wanted), each in INTERFACES.items() if (found, wanted) == (version, name))
    shown = client.get(f"/builder?call={call}").text
    assert filled(shown).keys() == {f"field.{each.name}" for each in known.fields}
    assert "No page tells of this field" not in shown


def test_a_call_is_sent_and_its_answer_shown(real: ConsoleWorld) -> None:
    values = filled(real.client.get("/builder?call=v2.newInstance").text)
    answer = real.client.post("/builder", data={"call": "v2.newInstance", **values}, follow_redirects=True)
    call = real.market.timeline.get(real.market.timeline.latest())
    assert call is not None
    assert (call.activity, call.verdict, call.occasion and call.occasion.id) == (
        "newInstance",
        "passed",
        "occasions.built",
    )
    assert f"/calls/{call.number}" in answer.text
    assert filled(answer.text) == values


def test_a_plan_of_ones_own_is_bought_for_real(real: ConsoleWorld) -> None:
    """Version 2 asks the order query for what was bought."""
    shown = real.client.get("/builder?call=v2.newInstance&plan=crm+00301-110002-0--0").text
    real.client.post("/builder", data={"call": "v2.newInstance", "real": "on", **filled(shown)})
    out, asked = real.market.timeline.lines(limit=2)
    assert (out.activity, out.verdict, out.code) == ("newInstance", "passed", "000000")
    assert asked.family == "orders"
    told = real.market.timeline.get(asked.number)
    assert told is not None
    line = json.loads(told.received.body)["orderInfo"]["orderLine"][0]
    assert line["productInfo"][0]["skuCode"] == "crm-business"


def test_one_that_is_kept_is_sent_again(real: ConsoleWorld) -> None:
    form = {"call": "v1.queryInstance", "field.instanceId": "one", "name": "look it up", "expect": "000000"}
    kept = real.client.post("/builder", data=form | {"keep": "1"})
    before = real.market.timeline.latest()
    (found,) = [each for each in real.market.database.all(KeptCall) if each.name]
    assert kept.location == f"/builder?kept={found.id}"
    assert "look it up" in real.client.get("/builder").text
    for _ in range(2):
        real.client.post(f"/builder/{found.id}/send")
    assert real.market.timeline.latest() == before + 2
    assert len([each for each in real.market.database.all(KeptCall) if each.name]) == 1
    real.client.post(f"/builder/{found.id}/drop")
    assert real.client.post(f"/builder/{found.id}/send").status_code == 404


def test_a_field_that_no_page_knows_is_sent(real: ConsoleWorld) -> None:
    form = {"call": "v2.releaseInstance", "field.instanceId": "i", "added": "futureField", "added-value": "new"}
    shown = real.client.post("/builder", data=form, follow_redirects=True).text
    call = real.market.timeline.get(real.market.timeline.latest())
    assert call is not None
    assert json.loads(call.sent.body)["futureField"] == "new"
    assert "No page tells of this field" in shown


def test_what_cannot_be_sent_stays_with_why(client: FlaskClient, market: Market) -> None:
    form = {"call": "v2.changeInstanceCheck", "field.instanceId": "i", "field.productInfo": "{no"}
    answer = client.post("/builder", data=form)
    assert answer.status_code == 422
    assert filled(answer.text)["field.productInfo"] == "{no"
    assert "productInfo must be JSON." in answer.text
    assert market.timeline.latest() == 0
    assert client.post("/builder", data={"call": "v3.none"}).status_code == 404


def test_it_can_be_passed_on(client: FlaskClient) -> None:
    shown = unescape(client.get("/builder?call=v1.instanceStatus").text)
    assert "koogallery trigger instanceStatus http://127.0.0.1:1/saas --v1" in shown
    assert "--set instanceStatus=FREEZE" in shown
    assert "curl -i 'http://127.0.0.1:1/saas?activity=instanceStatus" in shown


def test_few_without_a_name_are_kept(client: FlaskClient, market: Market) -> None:
    for number in range(LATEST + 3):
        client.post("/builder", data={"call": "v1.queryInstance", "field.instanceId": f"i{number}", "keep": "1"})
    assert len(market.database.all(KeptCall)) == LATEST
