"""What a console's test event, a wrong trigger or wrong settings make of a handler: an answer, never an exception."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.platforms.contexts import LocalFunctionGraphContext, LocalLambdaContext
from functions import directory, gateway, login, usage
from shared.app import install
from shared.development_keys import KEYS
from tests.events import RUNTIMES, Platform
from tests.examples import examples
from tests.login_world import login_settings
from tests.world import ACCESS_KEY, World, checked

REFUSED = {"resultCode": "000001", "resultMsg": "authentication failed"}
HANDLERS = {each.__name__.rpartition(".")[2]: each.handler for each in (gateway, usage, directory, login)}
each_platform = pytest.mark.parametrize("platform", RUNTIMES, ids=[platform.name for platform in RUNTIMES])
each_context = pytest.mark.parametrize("context", [LocalLambdaContext, LocalFunctionGraphContext])


@pytest.fixture
def world(tmp_path):
    return World(tmp_path, login_settings())


def asked(platform: Platform, event: Any, handler: Any = gateway.handler) -> Any:
    return platform.read_answer(handler(event, platform.make_context()))


@each_platform
def test_a_signed_body_typed_in_as_it_is_counts(world, platform):
    request = world.v2.call("releaseInstance", instanceId="any", testFlag="1")
    event = platform.make_event(request) | {"body": request.body.decode(), "isBase64Encoded": True}
    assert checked(asked(platform, event), ACCESS_KEY) == {"resultCode": "000000", "resultMsg": "success."}


@each_platform
@pytest.mark.parametrize(
    "body", ["plain text", '{"activity": "newInstance"}', {"activity": "newInstance"}, [1], 5, True]
)
def test_an_unsigned_body_typed_in_is_refused_with_a_signature(world, platform, body):
    request = world.v2.call("releaseInstance", instanceId="any", testFlag="1")
    event = platform.make_event(request) | {"body": body, "isBase64Encoded": True}
    assert checked(asked(platform, event), ACCESS_KEY) == REFUSED


@each_platform
@pytest.mark.parametrize("event", [None, "text", 5, [], {}, {"key": "value"}, {"httpMethod": None}], ids=repr)
def test_an_event_of_no_call_gets_the_signed_refusal_and_a_line(world, platform, event, log_lines):
    assert checked(asked(platform, event), ACCESS_KEY) == REFUSED
    (line,) = log_lines("the event cannot be read")
    assert (line["level"], line["error"]) == ("ERROR", "EventError")


odd: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


@each_platform
@pytest.mark.parametrize("name", HANDLERS)
@given(data=st.data())
@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_odd_in_an_event_there_is_an_answer(world, platform, name, data):
    event = platform.make_event(world.v2.call("releaseInstance", instanceId="any", testFlag="1"))
    for member in data.draw(st.lists(st.sampled_from(sorted(event)), max_size=4)):
        event[member] = data.draw(odd)
    for member in data.draw(st.lists(st.sampled_from(sorted(event)), max_size=4)):
        event.pop(member, None)
    answer = asked(platform, event, HANDLERS[name])
    assert answer.status == 200 if name == "gateway" else answer.status < 500


@each_context
@pytest.mark.parametrize("name", HANDLERS)
def test_settings_that_forbid_to_run_are_an_answer_and_a_line(context, name, monkeypatch, log_lines):
    install(None)
    monkeypatch.setenv("KOOGALLERY_KEY", "of-my-own")
    monkeypatch.setenv("KOOGALLERY_ACCESS_KEY", KEYS["KOOGALLERY_ACCESS_KEY"])
    answer = HANDLERS[name]({}, context())
    assert answer["statusCode"] == (200 if name == "gateway" else 500)
    assert "KOOGALLERY_ACCESS_KEY" not in json.dumps(answer)
    (line,) = log_lines()
    assert (line["level"], line["message"]) == (
        "ERROR",
        "make keys of your own: the development keys are published (KOOGALLERY_ACCESS_KEY)",
    )
