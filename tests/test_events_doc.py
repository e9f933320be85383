"""The catalogue of events is that of the code, in both languages, and what is sent keeps to its schemas."""

import json
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from functions.relay import relay
from functions.sweep import sweep
from shared.clock import Deadline
from shared.errors import Unavailable
from shared.instance.announcing import KINDS
from tests.event_receiver import receiving, settings_of
from tests.pages import ROOT, Page, both, named, names_in, page
from tests.world import World

pytestmark = pytest.mark.docs


@cache
def schemas() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((ROOT / "docs" / "events.schema.json").read_text("utf-8"))
    return loaded


def valid(message: Any, kind: str) -> bool:
    checker = Draft202012Validator.FORMAT_CHECKER
    return bool(Draft202012Validator(schemas()[kind], format_checker=checker).is_valid(message))


def test_there_is_a_schema_for_each_kind() -> None:
    assert tuple(schemas()) == KINDS
    for kind, schema in schemas().items():
        Draft202012Validator.check_schema(schema)
        assert schema["properties"]["type"]["const"] == kind


@pytest.mark.parametrize("each", both("docs/events"), ids=named)
def test_the_table_is_the_catalogue(each: Page) -> None:
    (rows,) = [table[1:] for table in each.tables if table[1][0] == "`instance.created`"]
    states = {kind: each["properties"]["data"]["properties"]["state"]["enum"] for kind, each in schemas().items()}
    assert {row[0].strip("`"): list(names_in(row[2])) for row in rows} == states


def test_the_message_shown_is_one() -> None:
    (shown,) = [json.loads(block.text) for block in page("docs/events.md").blocks if block.language == "json"]
    assert [kind for kind in KINDS if valid(shown, kind)] == [shown["type"]]


def test_what_is_sent_keeps_to_its_schema_and_tells_nothing_of_people(tmp_path: Any) -> None:
    with receiving() as receiver:
        world = World(tmp_path, settings_of(receiver))
        world.buy()
        world.provisioner.pending = True
        world.buy("CS3", "business-3")
        calls = [
            world.v1.call("expireInstance", instanceId="business-1"),
            world.v1.call("refreshInstance", instanceId="business-1", orderId="R1", expireTime="20281120235959"),
            world.v1.call("upgrade", instanceId="business-1", orderId="U1", skuCode="s", productId="p"),
        ]
        for call in calls:
            world.clock.advance(60)
            world.send(call)

        def fails(method: str) -> None:
            raise Unavailable(method)

        world.provisioner.before = fails
        world.raw(world.v1.call("upgrade", instanceId="business-1", orderId="U2", skuCode="t", productId="p"))
        world.provisioner.before = None
        world.clock.advance(5 * 3600)
        sweep(world.app, {}, Deadline(world.clock, 60))
        relay(world.app, {}, Deadline(world.clock, 60))

        assert {each["type"] for each in receiver.taken} == set(KINDS)
        assert [
            each for each in receiver.taken if [kind for kind in KINDS if valid(each, kind)] != [each["type"]]
        ] == []
        text = json.dumps(receiver.taken)
        assert not [word for word in ("Zhang", "customer", "Passw0rd", "admin", "example.com") if word in text]
