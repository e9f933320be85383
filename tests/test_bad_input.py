"""Bad input: a clear, signed answer with HTTP 200, nothing stored, nothing asked of the provisioner."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.gateway import MODULES
from shared.clock import epoch_ms
from shared.http import HttpRequest
from shared.protocol.signing import sign_query
from tests.events import RUNTIMES
from tests.examples import examples
from tests.fakes import NOTED
from tests.market import V1, V2, VERSIONS, bought, check, freezing, purchase, query, release, renewal, upgrade
from tests.platforms import THROUGH_GATEWAY, Deployed, handled, handler_of
from tests.world import ACCESS_KEY, KEY, NOTIFY_KEY, World, checked

REFUSED = {"resultCode": "000001", "resultMsg": "authentication failed"}
WRITES = ("create", "replace", "delete", "put_many", "delete_many")


@pytest.fixture(params=THROUGH_GATEWAY, ids=lambda entry: entry.platform.name)
def world(request, tmp_path) -> Deployed:
    """A bundle on each platform, with one instance, to be changed by nothing in this file."""
    deployed = Deployed(tmp_path, request.param)
    assert bought(deployed, V1) == "business-1"
    return deployed


@pytest.fixture
def untouched(world):
    """After the test nothing but notes has been written, and nobody was asked."""
    yield from unchanged(world)
    assert {each for each in world.tables.calls if each[1] in WRITES} <= {NOTED}


@pytest.fixture
def unchanged_but_for_orders(world):
    """After the test nothing but notes and refused orders has been written, and nobody was asked."""
    yield from unchanged(world)
    written = {each for each in world.tables.calls if each[1] in WRITES}
    assert written == {NOTED, ("instances", "put_many")}
    booked = {item["outcome"] for item in world.tables.table("instances").scan().items if "outcome" in item}
    assert booked == {"refused", "done"}, "of the purchase, and of what was refused"


@pytest.fixture
def unchanged_but_for_nonces(world):
    """After the test nothing but nonces and notes has been written, and nobody was asked."""
    yield from unchanged(world)
    assert {each for each in world.tables.calls if each[1] in WRITES} <= {NOTED, ("idempotency", "create")}


def unchanged(world: World) -> Iterator[World]:
    before, calls = stored(world), list(world.provisioner.calls)
    world.tables.reset()
    yield world
    assert stored(world) == before
    assert world.provisioner.calls == calls
    assert world.orders.asked == []


def stored(world: World) -> list[Any]:
    return [world.tables.table("instances").get("business-1"), list(world.app.agenda.due())]


def malformed(name: str) -> dict[str, str]:
    return {"resultCode": "000002", "resultMsg": f"{name} is missing or malformed"}


def with_query(request: HttpRequest, **changes: str | None) -> HttpRequest:
    """The same call with parameters changed, added or (``None``) left out, its signature as it was."""
    pairs = dict(request.query) | changes
    return replace(request, query=tuple((name, value) for name, value in pairs.items() if value is not None))


# --- who calls? -------------------------------------------------------------------------------------------------------

BAD_TOKENS = {
    "missing": None,
    "empty": "",
    "garbled": "z6qH36tntdWAP9jcajpRlDNqgGSnFc5jrfNVQsg89VM=",
    "cut": "z6qH",
    "not base64": "!" * 44,
    "not ascii": "签名" * 22,
    "long": "A" * 5000,
}


@pytest.mark.parametrize("token", BAD_TOKENS.values(), ids=BAD_TOKENS)
def test_version_1_with_a_bad_token(untouched, token):
    assert untouched.send(with_query(untouched.purchase("CS9"), authToken=token)) == REFUSED


@pytest.mark.parametrize("token", BAD_TOKENS.values(), ids=BAD_TOKENS)
def test_version_2_with_a_bad_signature(untouched, token):
    assert untouched.send(with_query(untouched.purchase_v2("CS9"), signature=token)) == REFUSED


@pytest.mark.parametrize(
    ("name", "value"), [("orderId", "CS8"), ("added", "1"), ("timeStamp", None), ("orderId", None)]
)
def test_version_1_with_a_parameter_changed(untouched, name, value):
    assert untouched.send(with_query(untouched.purchase("CS9"), **{name: value})) == REFUSED


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("nonce", value) for value in ("other", None, "", "ü", "n" * 200)),
        *(("timestamp", value) for value in (None, "now", "1", "９" * 13)),
    ],
)
def test_version_2_with_a_parameter_changed(untouched, name, value):
    assert untouched.send(with_query(untouched.purchase_v2("CS9"), **{name: value})) == REFUSED


def test_version_2_with_another_body(untouched):
    request = untouched.purchase_v2("CS9")
    assert untouched.send(replace(request, body=request.body + b" ")) == REFUSED


@pytest.mark.parametrize("version", VERSIONS)
def test_a_call_without_anything(untouched, version):
    assert untouched.send(HttpRequest("GET" if version == V1 else "POST", "/saas")) == REFUSED


def test_a_call_signed_with_another_key(untouched):
    other = World.__new__(World)
    other.v1, other.v2 = replace(untouched.v1, key="other"), replace(untouched.v2, key="other")
    assert untouched.send(other.purchase("CS9")) == REFUSED
    assert untouched.send(other.purchase_v2("CS9")) == REFUSED
    assert untouched.send(untouched.notify.call("orderNotify ", orderId="CS9")) == REFUSED


@pytest.mark.parametrize("seconds", [-61, 61, -86400, 86400 * 365])
def test_version_2_long_ago_or_in_the_future(untouched, seconds):
    moment = str(epoch_ms(untouched.clock.now() + timedelta(seconds=seconds)))
    body = untouched.purchase_v2("CS9").body
    assert untouched.send(untouched.v2.send(body, timestamp=moment)) == REFUSED
    assert untouched.send(untouched.v2.send(body, timestamp=moment[:10])) == REFUSED


@pytest.mark.parametrize("stamp", ["20261120082459000", "20261120083501000", "yesterday", "20261320083000000"])
def test_version_1_long_ago_or_in_the_future_where_a_window_is_set(untouched, stamp):
    untouched.values["KOOGALLERY_V1_WINDOW"] = "300"
    assert untouched.send(untouched.v1.call("releaseInstance", instanceId="business-1", timeStamp=stamp)) == REFUSED


@pytest.mark.parametrize("stamp", ["20170725025113409", "201706211855321", "yesterday"])
def test_version_1_knows_no_window_otherwise(world, stamp):
    answer = world.send(world.v1.call("queryInstance", instanceId="business-1", timeStamp=stamp))
    assert answer["resultCode"] == "000000"


def test_version_1_within_the_window(world):
    world.values["KOOGALLERY_V1_WINDOW"] = "300"
    assert world.send(query(world, V1, "business-1"))["resultCode"] == "000000"


def test_a_replayed_nonce_has_no_effect(world):
    spent = freezing(world, V2, "business-1", nonce="once")
    world.send(spent)
    before = world.app.instances.get("business-1")
    world.tables.reset()
    world.clock.advance(5)
    assert world.send(release(world, V2, "business-1", nonce="once")) == REFUSED
    assert world.send(purchase(world, V2, "CS9", nonce="once")) == REFUSED
    assert world.send(query(world, V2, "business-1", nonce="once")) == REFUSED
    assert world.send(release(world, V2, "any", testFlag="1", nonce="once")) == REFUSED
    assert world.app.instances.get("business-1") == before
    assert world.app.instances.get("business-2") is None
    assert world.provisioner.count("release") == 0


# --- what is it? ------------------------------------------------------------------------------------------------------

NOT_AN_OBJECT = {"resultCode": "000002", "resultMsg": "the body is not a JSON object"}
BODIES = {
    "empty": b"",
    "not json": b"activity=newInstance",
    "cut": b'{"activity":"newInstance"',
    "array": b'[{"activity":"newInstance"}]',
    "text": b'"newInstance"',
    "null": b"null",
    "not utf-8": b'{"activity":"newInstance","orderId":"\xff"}',
    "utf-16": '{"activity":"newInstance"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"activity":"newInstance"}',
    "a name twice": b'{"activity":"releaseInstance","instanceId":"nobody","instanceId":"business-1"}',
    "a name twice inside": b'{"activity":"changeInstanceCheck","instanceId":"business-1","productInfo":{"a":1,"a":2}}',
    "lone surrogate": b'{"activity":"releaseInstance","instanceId":"business-1","x":"\\ud800"}',
    "lone surrogate as name": b'{"activity":"releaseInstance","instanceId":"business-1","\\udfff":1}',
    "nan": b'{"activity":"releaseInstance","instanceId":"business-1","orderAmount":NaN}',
    "infinity": b'{"activity":"releaseInstance","instanceId":"business-1","orderAmount":-Infinity}',
    "overflow": b'{"activity":"releaseInstance","instanceId":"business-1","orderAmount":1e999}',
    "deep": b"[" * 200_000,
    "deep object": b'{"activity":"releaseInstance","instanceId":"business-1","x":'
    + b"[" * 99_000
    + b"]" * 99_000
    + b"}",
    "huge integer": b'{"activity":"releaseInstance","instanceId":"business-1","x":' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_that_is_no_proper_object(untouched, body):
    assert untouched.send(untouched.v2.send(body)) == NOT_AN_OBJECT


@pytest.mark.parametrize("size", [(1 << 20) + 1, 10_000_000])
def test_a_body_that_is_too_large(untouched, size):
    request = untouched.v2.send(b'{"activity":"orderNotify","orderId":"' + b"x" * size + b'"}')
    answer = untouched.send(request)
    assert answer == {"resultCode": "000002", "resultMsg": "the body is too large"}


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_another_content_type(untouched, content_type):
    request = untouched.v2.call("releaseInstance", instanceId="business-1")
    answer = untouched.send(replace(request, headers={"content-type": content_type}))
    assert answer == {"resultCode": "000002", "resultMsg": "Content-Type must be application/json"}


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON;charset=utf8", None])
def test_content_types_that_are_taken(world, content_type):
    headers = {"content-type": content_type} if content_type else {}
    assert world.send(replace(query(world, V2, "business-1"), headers=headers))["resultCode"] == "000000"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("activity", ["", "destroyEverything", "newinstance", "__class__"])
def test_an_unknown_activity(untouched, version, activity):
    caller = untouched.v1 if version == V1 else untouched.v2
    assert untouched.send(caller.call(activity)) == {"resultCode": "000002", "resultMsg": "activity is unknown"}


@pytest.mark.parametrize("activity", [None, 1, ["newInstance"], {"activity": "newInstance"}, True])
def test_an_activity_that_is_no_text(untouched, activity):
    request = untouched.v2.send(json.dumps({"activity": activity, "instanceId": "business-1"}).encode())
    assert untouched.send(request) == {"resultCode": "000002", "resultMsg": "activity is unknown"}


@pytest.mark.parametrize("platform", RUNTIMES, ids=lambda platform: platform.name)
@pytest.mark.parametrize("module", sorted(set(MODULES.values())))
def test_another_interfaces_activity_at_the_address_of_one(tmp_path, platform, module):
    world = Deployed(tmp_path, THROUGH_GATEWAY[0])
    request = (
        purchase(world, V2)
        if module == "release"
        else world.v2.call("releaseInstance", instanceId="business-1", testFlag="1")
    )
    answer = checked(handled(platform, handler_of(module), request), ACCESS_KEY)
    assert answer == {"resultCode": "000002", "resultMsg": "activity does not belong to this address"}
    assert set(world.tables.calls) == {NOTED}


# --- what does it say? ------------------------------------------------------------------------------------------------

BAD_IDS = {
    "missing": None,
    "empty": "",
    "over-long": "x" * 65,
    "blank": "business 1",
    "line break": "business-1\n",
    "not ascii": "业务-1",
    "control": "business\x00",
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("value", BAD_IDS.values(), ids=BAD_IDS)
def test_bad_ids(untouched, version, value):
    assert untouched.send(purchase(untouched, version, value)) == malformed("orderId")
    for request in (renewal, freezing, release, upgrade):
        assert untouched.send(request(untouched, version, value)) == malformed("instanceId")
    assert untouched.send(renewal(untouched, version, "business-1", orderId=value)) == malformed("orderId")


@pytest.mark.parametrize("value", [[], {}, True, ["business-1"], {"id": "business-1"}])
def test_ids_that_are_no_text(untouched, value):
    for request in (freezing, release, upgrade):
        assert untouched.send(request(untouched, V2, value)) == malformed("instanceId")
    assert untouched.send(check(untouched, value, {})) == malformed("instanceId")


@pytest.mark.parametrize("version", VERSIONS)
def test_an_id_that_no_instance_can_have_does_not_sink_the_others(world, version):
    answer = world.send(query(world, version, "business-1", "x" * 65, "two words", " ", ""))
    assert [info["instanceId"] for info in answer["info"]] == ["business-1"]
    assert world.send(query(world, version, "x" * 65, "two words")) == malformed("instanceId")


@pytest.mark.parametrize(("name", "value"), [("customerId", None), ("customerId", ""), ("customerId", "x" * 101)])
def test_a_purchase_without_a_customer(untouched, name, value):
    assert untouched.send(purchase(untouched, V1, "CS9", **{name: value})) == malformed(name)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("flag", ["2", "yes", "-1", "debug"])
def test_a_flag_that_is_neither_set_nor_not_is_not_guessed_at(untouched, version, flag):
    refused = {"resultCode": "000002", "resultMsg": "testFlag is neither 0 nor 1"}
    for request in (
        purchase(untouched, version, "CS9", testFlag=flag),
        release(untouched, version, "business-1", testFlag=flag),
    ):
        assert untouched.send(request) == refused


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("moment", [None, "", "20281320000000", "2028112016000", "202811201600000000", "tomorrow"])
def test_impossible_dates_in_a_renewal(untouched, version, moment):
    assert untouched.send(renewal(untouched, version, "business-1", expireTime=moment)) == malformed("expireTime")


@pytest.mark.parametrize("moment", [20281120160000.5, True, [], {"at": 1}, 10**20])
def test_dates_that_are_no_text(untouched, moment):
    assert untouched.send(renewal(untouched, V2, "business-1", expireTime=moment)) == malformed("expireTime")


@pytest.mark.parametrize("scene", [None, "", "renewal", "RELEASE", [], 1])
def test_a_bad_scene(untouched, scene):
    assert untouched.send(renewal(untouched, V2, "business-1", scene=scene)) == malformed("scene")


@pytest.mark.parametrize("version", VERSIONS)
def test_unknown_instances_of_changes(unchanged_but_for_orders, version):
    world = unchanged_but_for_orders
    for request in (renewal, freezing, release, upgrade):
        answer = world.send(request(world, version, "nobody"))
        assert answer == {"resultCode": "000003", "resultMsg": "instance id does not exist"}


@pytest.mark.parametrize("version", VERSIONS)
def test_unknown_instances_of_questions(unchanged_but_for_nonces, version):
    world = unchanged_but_for_nonces
    answer = world.send(query(world, version, "nobody"))
    assert answer == {"resultCode": "000003", "resultMsg": "instance id does not exist"}
    assert world.send(check(world, "nobody", {"skuCode": "sku"}))["resultCode"] == "000003"


def test_a_repeated_parameter_counts_once(world):
    request = release(world, V1, "nobody")
    doubled = replace(request, query=(*request.query, ("instanceId", "business-1")))
    answer = world.send(doubled)
    assert answer["resultCode"] in ("000001", "000003"), "which one is left depends on the platform"
    assert world.state("business-1") == "ACTIVE"


@pytest.mark.parametrize("platform", [RUNTIMES[0], RUNTIMES[-1]], ids=lambda platform: platform.name)
@pytest.mark.parametrize("name", ["authToken", "instanceId", "\udc00"])
def test_lone_surrogates_in_parameters(tmp_path, platform, name):
    """Only events with decoded parameters can carry them: a raw query string is ASCII."""
    world = Deployed(tmp_path, THROUGH_GATEWAY[0])
    request = with_query(release(world, V1, "business-1"), **{name: "\ud800"})
    assert checked(handled(platform, handler_of("gateway"), request), KEY) == REFUSED
    assert world.tables.total == 0


def test_a_value_cannot_smuggle_a_parameter_in(untouched):
    fields = {"activity": "releaseInstance", "instanceId": "business-1", "timeStamp": "20261120083000000"}
    token = sign_query(KEY, fields)
    folded = (("activity", "releaseInstance&instanceId=business-1"), ("timeStamp", fields["timeStamp"]))
    assert untouched.send(HttpRequest("GET", "/saas", (*folded, ("authToken", token)))) == REFUSED


# --- whatever it is ---------------------------------------------------------------------------------------------------

texts = st.text(max_size=70)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts | st.just("business-1") | st.just("MOCK1"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
NAMES = [
    "instanceId",
    "orderId",
    "orderLineId",
    "businessId",
    "status",
    "scene",
    "expireTime",
    "productId",
    "productInfo",
]
NAMES += ["testFlag", "customerId", "amount", "chargingMode", "orderAmount", "trialFlag", "saasExtendParams", "skuCode"]
NAMES += ["mobilePhone", "instanceStatus", "timeStamp"]
members = st.dictionaries(st.sampled_from(NAMES) | texts, values, max_size=8)
activities = st.sampled_from([*MODULES, "other"]) | texts

fuzzed = settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def in_form(world: Deployed, request: HttpRequest, *keys: str) -> None:
    """Signed, HTTP 200, a known code: ``checked`` raises otherwise."""
    response = world.raw(request)
    for last, key in enumerate(keys, 1):
        try:
            checked(response, key)
        except ValueError:
            assert last < len(keys), "not signed with any key"
        else:
            return


@fuzzed
@given(activity=activities, fields=members)
def test_any_signed_object_gets_an_answer_in_form(world, activity, fields):
    body = json.dumps(fields | {"activity": activity}).encode()
    in_form(world, world.v2.send(body), ACCESS_KEY, NOTIFY_KEY)
    in_form(world, world.notify.send(body), ACCESS_KEY, NOTIFY_KEY)


@fuzzed
@given(body=st.binary(max_size=100) | values.map(lambda value: json.dumps(value).encode()))
def test_any_signed_body_gets_an_answer_in_form(world, body):
    in_form(world, world.v2.send(body), ACCESS_KEY, NOTIFY_KEY)


@fuzzed
@given(activity=activities, fields=st.dictionaries(st.sampled_from(NAMES) | texts, texts | st.just("1"), max_size=8))
def test_any_signed_query_gets_an_answer_in_form(world, activity, fields):
    pairs = {"activity": activity, "timeStamp": "20261120083000000"} | fields
    encodable = {name: value.encode("utf-8", "replace").decode() for name, value in pairs.items()}
    in_form(world, world.v1.call(encodable.pop("activity"), **encodable), KEY)


@fuzzed
@given(query=st.lists(st.tuples(texts, texts), max_size=5).map(tuple), body=st.binary(max_size=50))
def test_anything_at_all_gets_an_answer_in_form(world, query, body):
    requests: list[Callable[[], HttpRequest]] = [
        lambda: HttpRequest("GET", "/saas", query),
        lambda: HttpRequest("POST", "/saas", query, {}, body),
    ]
    for make in requests:
        request = make()
        answer = checked(world.raw(request), KEY if request.method == "GET" else ACCESS_KEY)
        assert answer == REFUSED
