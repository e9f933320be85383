"""A call signed anew says what it said before, and is signed with the keys in use."""

import pytest

from emulator.development import KEYS
from emulator.wire.resign import resigned
from emulator.wire.sync_calls import SyncV1Calls, SyncV2Calls
from shared.config import Settings, of
from shared.http import HttpRequest
from shared.protocol.signing import verify_body, verify_query
from shared.protocol.sync.lenient_json import read_members
from shared.protocol.sync.signing import canonical, verify_payload, verify_properties
from tests.fakes import FakeClock


def settings() -> Settings:
    return Settings(of(KEYS), lambda store, name: name)


def test_a_call_of_version_1_keeps_everything_but_time_and_token():
    query = (("activity", "query"), ("b", "1+1 &"), ("a", ""), ("timeStamp", "20200101000000000"), ("authToken", "x"))
    fresh = resigned(HttpRequest("GET", "/other", query, {"accept": "x"}), settings(), FakeClock())
    verified = verify_query([KEYS["KOOGALLERY_KEY"]], fresh.query)
    stamp = verified.parameters.pop("timeStamp")
    assert stamp == "20261120083000000"
    assert verified.parameters == {"activity": "query", "b": "1+1 &", "a": ""}
    assert (fresh.path, fresh.headers) == ("/other", {"accept": "x"})


@pytest.mark.parametrize(
    ("activity", "key"), [("queryInstance", "KOOGALLERY_ACCESS_KEY"), ("orderNotify", "KOOGALLERY_NOTIFY_ACCESS_KEY")]
)
def test_a_call_of_version_2_keeps_its_bytes_and_is_signed_with_the_key_of_its_class(activity, key):
    body = f' {{"activity" : "{activity}"}}\n'.encode()
    query = (("stage", "x"), ("signature", "old"), ("timestamp", "1"), ("nonce", "n"))
    fresh = resigned(HttpRequest("POST", "/saas", query, {"content-type": "x"}, body), settings(), FakeClock())
    assert (fresh.body, fresh.headers, fresh.first("stage")) == (body, {"content-type": "x"}, "x")
    names = ("signature", "timestamp", "nonce")
    signature, timestamp, nonce = (fresh.first(name) for name in names)
    now = FakeClock().now()
    verified = verify_body([KEYS[key]], signature=signature, timestamp=timestamp, nonce=nonce, body=body, now=now)
    assert verified.sent_at == now


def test_a_name_that_comes_twice_stays_twice():
    query = (("activity", "query"), ("a", "first"), ("a", "second"))
    fresh = resigned(HttpRequest("GET", "/saas", query), settings(), FakeClock())
    assert [pair for pair in fresh.query if pair[0] in ("activity", "a")] == list(query)
    assert verify_query([KEYS["KOOGALLERY_KEY"]], fresh.query).parameters["a"] == "first"


def test_a_sync_call_of_version_1_gets_the_time_of_now_and_no_other_byte():
    body = b' {"tenantId" : "T1", "timeStamp" : "20200101000000000", "name": "\xe8\x89\xbe"}'
    old = SyncV1Calls("another", FakeClock()).send("tenantSync", body)
    fresh = resigned(old, settings(), FakeClock())
    assert fresh.body == body.replace(b"20200101000000000", b"20261120163000000")
    assert verify_properties([KEYS["KOOGALLERY_KEY"]], fresh.headers["authtoken"], read_members(fresh.body))
    assert {**fresh.headers, "authtoken": ""} == {**old.headers, "authtoken": ""}


def test_a_sync_call_of_version_2_is_signed_with_the_key_of_its_class():
    fresh = resigned(
        SyncV2Calls("another", FakeClock()).call("tenantSync", {"tenantId": "T1"}), settings(), FakeClock()
    )
    sent = {name: fresh.headers[f"x-{name}"] for name in ("timestamp", "nonce")}
    key = KEYS["KOOGALLERY_SYNC_ACCESS_KEY"]
    payloads = [canonical(read_members(fresh.body))]
    assert verify_payload([key], signature=fresh.headers["x-sign"], **sent, payloads=payloads) == key


@pytest.mark.parametrize("body", [b"{}", b'{"timeStamp":""}'])
def test_a_sync_call_without_a_time_cannot_be_signed_and_stays_as_it_is(body):
    request = HttpRequest("POST", "/saas/produceAPI/tenantSync", headers={"authtoken": "x"}, body=body)
    assert resigned(request, settings(), FakeClock()) == request


def test_a_call_of_the_application_gets_its_token():
    request = HttpRequest("POST", "/saas/usage", headers={"authorization": "Bearer old", "accept": "x"}, body=b"{}")
    fresh = resigned(request, settings(), FakeClock())
    assert fresh.headers == {"accept": "x", "authorization": f"Bearer {KEYS['KOOGALLERY_APP_TOKEN']}"}
    assert fresh.body == request.body
