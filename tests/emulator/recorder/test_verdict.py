"""Whether the recorded call was signed rightly, and why not: said without a key, a signature or what the call holds."""

from dataclasses import replace
from urllib.parse import quote

import pytest

from emulator.keys import Keys
from emulator.recorder.kinds import kind_of
from emulator.recorder.verdict import Signature, SignatureState, judged
from emulator.wire.calls import V1Calls, V2Calls
from emulator.wire.sync_calls import SyncV2Calls
from shared.http import HttpRequest
from tests.emulator.recorder.calls import CALLS, CLOCK, KEYS, PERSON


def verdict(request: HttpRequest, keys: Keys = KEYS) -> Signature:
    found = judged(request, kind_of(request), keys)
    said = [*KEYS.all, *PERSON.values(), *(value for _, value in request.query if len(value) > 12)]
    assert [secret for secret in said if secret in str(found)] == []
    return found


def changed(request: HttpRequest, **parameters: str) -> HttpRequest:
    return replace(request, query=tuple((name, parameters.get(name, value)) for name, value in request.query))


@pytest.mark.parametrize("name", CALLS)
def test_right_is_right_however_old(name: str) -> None:
    assert verdict(CALLS[name]) == Signature(SignatureState.RIGHT)
    several = Keys(*(f"old-key, {key}" for key in (KEYS.key, KEYS.access_key, KEYS.notify_key, KEYS.sync_key)))
    assert verdict(CALLS[name], several) == Signature(SignatureState.RIGHT)


@pytest.mark.parametrize("name", CALLS)
def test_without_its_key_nothing_is_claimed(name: str) -> None:
    found = verdict(CALLS[name], Keys())

    assert found.state is SignatureState.UNCHECKED
    assert "there is no KOOGALLERY_" in found.reason


@pytest.mark.parametrize("name", CALLS)
def test_another_key_is_another_key(name: str) -> None:
    found = verdict(CALLS[name], Keys("a", "b", "c", "d"))

    assert found.state is SignatureState.WRONG
    assert "is another one, or the call was changed" in found.reason


def test_an_order_notification_may_be_signed_with_the_basic_key() -> None:
    call = V2Calls(KEYS.access_key, CLOCK).call("orderNotify", orderId="x")

    assert verdict(call, Keys(access_key=KEYS.access_key)).state is SignatureState.RIGHT


PURCHASE, UPGRADE, SYNC = CALLS["purchase-v1"], CALLS["renew-v2"], CALLS["tenant-sync-v2"]
SPREAD = UPGRADE.body.replace(b",", b",\n  ").replace(b":", b": ")
OTHER_LINES = V2Calls(KEYS.access_key, CLOCK).send(SPREAD.replace(b"\n", b"\r\n"))
V1 = V1Calls(KEYS.key, CLOCK)
PLUS = V1.call("queryInstance", instanceId="a+b", testFlag="1")
EMPTY = V1.call("queryInstance", instanceId="abc")
TWICE = changed(PURCHASE, customerName=quote(PERSON["name"]))
WITHOUT_EMPTY = replace(EMPTY, query=(*EMPTY.query, ("userName", ""), ("userId", "")))
ADDED = replace(PURCHASE, query=(*PURCHASE.query, ("from", "gateway")))
TIMELESS = replace(PURCHASE, query=tuple(pair for pair in PURCHASE.query if pair[0] != "timeStamp"))
WITH_SYNC_KEY = V2Calls(KEYS.sync_key, CLOCK).send(UPGRADE.body)
WITH_BASIC_KEY = SyncV2Calls(KEYS.access_key, CLOCK).send("tenantSync", SYNC.body)
DELETING = replace(SYNC, body=SYNC.body.replace(b'"flag":1', b'"flag":0'))
TEXTS = {
    "encoded twice": (TWICE, "percent-encoded twice"),
    "decoded too often": (changed(PLUS, instanceId="a b"), "decoded once too often"),
    "empty parameters": (WITHOUT_EMPTY, "without the empty parameters"),
    "added": (ADDED, "from is not signed"),
    "masked": (changed(PURCHASE, customerName="李***"), "masked or cut off"),
    "changed": (changed(PURCHASE, customerName="somebody else"), "KOOGALLERY_KEY is another one"),
    "no timeStamp": (TIMELESS, "timeStamp is missing"),
    "laid out": (replace(UPGRADE, body=SPREAD), "the body without white space"),
    "surrounded": (replace(UPGRADE, body=b" " + UPGRADE.body + b"\n"), "without the white space around it"),
    "other lines": (replace(OTHER_LINES, body=SPREAD), "other ends of lines"),
    "no nonce": (replace(UPGRADE, query=UPGRADE.query[:2]), "nonce is missing"),
    "sync key": (WITH_SYNC_KEY, "made with the key in KOOGALLERY_SYNC_ACCESS_KEY, not"),
    "basic key": (WITH_BASIC_KEY, "with the key in KOOGALLERY_ACCESS_KEY"),
    "sync changed": (DELETING, "KOOGALLERY_SYNC_ACCESS_KEY is another"),
    "sync no time": (replace(SYNC, headers={"x-sign": "AB"}), "x-timestamp is missing"),
}


@pytest.mark.parametrize("case", TEXTS)
def test_the_reason_is_found(case: str) -> None:
    request, reason = TEXTS[case]

    found = verdict(request)

    assert found.state is SignatureState.WRONG
    assert reason in found.reason


@pytest.mark.parametrize(
    ("request_", "part"),
    [
        (replace(PURCHASE, query=tuple(pair for pair in PURCHASE.query if pair[0] != "authToken")), "authToken"),
        (replace(UPGRADE, query=()), "signature"),
        (replace(SYNC, headers={}), "x-sign"),
        (replace(CALLS["tenant-sync-v1"], headers={}), "authtoken"),
    ],
)
def test_what_was_never_signed_is_not_called_wrong(request_: HttpRequest, part: str) -> None:
    assert verdict(request_) == Signature(SignatureState.UNCHECKED, f"there is no {part} in it")


def test_a_body_of_version_1_sync_without_time_is_recorded_unsigned() -> None:
    from emulator.recorder import of_request

    body = CALLS["tenant-sync-v1"].body.replace(b"timeStamp", b"time")
    recording = of_request(replace(CALLS["tenant-sync-v1"], body=body), keys=KEYS)

    assert recording.signature.state is SignatureState.WRONG
    assert recording.expectation.code == "000001"
    assert "authtoken" not in recording.request.headers
