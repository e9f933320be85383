"""The signature doctor names the mistake: of servers that make it, and of every mistake it knows, in each rule."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from emulator.wire.calls import V1Calls, V2Calls, url_of
from emulator.wire.signature.doctor import SignatureDiagnosis, of_answer, of_push, rule_of, told
from emulator.wire.signature.doctor.recipe import slips_in
from emulator.wire.signature.doctor.requests import CallRule
from shared.commands import Version
from shared.http import HttpRequest
from shared.openapi.usage_push import push_signature
from shared.protocol.signing import body_sign
from tests.emulator.conformance.seller import ACCESS_KEY, KEY, Seller
from tests.emulator.conformance.server import Raw
from tests.emulator.conformance.wrong_signers import KEYS_HERE, WRONG_SIGNERS, Hex
from tests.emulator.console.calls import KEYS, USAGE_KEY, every_kind
from tests.fakes import FakeClock

OTHERS = {"key": KEYS.key, "access_key": KEYS.access_key, "notify_key": KEYS.notify_key, "sync_key": KEYS.sync_key}
BUYS = {"orderId": "CS1", "businessId": "b1", "customerName": "测试 用户/A&B", "testFlag": "1", "email": ""}


def called(version: Version) -> tuple[HttpRequest, str]:
    """A purchase, and the key that signs it."""
    if version is Version.V1:
        return V1Calls(KEY, FakeClock()).call("newInstance", **BUYS), KEY
    return V2Calls(ACCESS_KEY, FakeClock()).call("newInstance", **BUYS), ACCESS_KEY


def answered(seller: Seller, version: Version) -> SignatureDiagnosis:
    """What the doctor says of the seller's answer to a purchase."""
    request, key = called(version)
    query = url_of("", request).partition("?")[2]
    reply = seller(Raw(request.method, request.path, query, request.headers, request.body))
    return of_answer(reply.headers.items(), reply.body, key, others=KEYS_HERE, request=request, version=version)


@pytest.mark.parametrize("wrong", WRONG_SIGNERS, ids=lambda wrong: wrong.__name__)
def test_each_wrong_server_is_told_its_mistake(wrong: type[Seller]) -> None:
    found = answered(wrong(), Version.V1)
    assert sorted(found.names) == sorted(WRONG_SIGNERS[wrong].split())
    assert found.known == bool(found.names)


@pytest.mark.parametrize("version", Version)
def test_a_right_server_is_told_nothing(version: Version) -> None:
    assert answered(Seller(), version).right


def test_version_2_is_examined_with_its_own_key() -> None:
    assert answered(Hex(), Version.V2).names == ("form-hex",)


def rules() -> dict[str, CallRule]:
    """The rule of each kind of call of the marketplace."""
    found = {}
    for kind, call in every_kind().items():
        if call.direction == "out":
            key = getattr(KEYS, call.key_name)
            rule = rule_of(call.sent.request(), Version(call.version), key, OTHERS, "AB")
            assert rule
            found[kind] = rule
    return found


@pytest.mark.parametrize("kind", rules())
def test_every_single_mistake_of_a_call_is_found(kind: str) -> None:
    """By its own name, or by that of another one which gives the very same signature."""
    rule = rules()[kind]
    assert rule.kind == kind
    assert rule.diagnosed(rule.recipe.signature).right
    for slip in rule.slips:
        made = replace(rule.recipe, **{slip.aspect: slip.value}).signature
        found = slips_in(rule.recipe, rule.slips, made)
        assert found is not None, slip.name
        same = [replace(rule.recipe, **{each.aspect: each.value}).signature for each in found]
        assert same in ([], [made]), slip.name


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [("v1", "secret-order", "form-hex"), ("v2", "body-unkeyed", "form-base64"), ("sync-v2", "key-empty", "spaced")],
)
def test_two_mistakes_at_once_are_found(kind: str, first: str, second: str) -> None:
    rule = rules()[kind]
    chosen = [next(slip for slip in rule.slips if slip.name == name) for name in (first, second)]
    made = replace(rule.recipe, **{slip.aspect: slip.value for slip in chosen}).signature
    assert set(rule.diagnosed(made).names) in ({first, second}, {first})


def push(**headers: str) -> SignatureDiagnosis:
    request = every_kind()["push"].sent.request()
    return of_push(replace(request, headers={**request.headers, **headers}), USAGE_KEY, OTHERS)


def test_a_push_signed_with_seconds() -> None:
    request = every_kind()["push"].sent.request()
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert push().right
    seconds = push_signature(USAGE_KEY, headers["ts"][:-3], headers["nonce"], request.body)
    assert push(signature=seconds).names == ("timestamp-unit",)
    other = push_signature(KEYS.access_key, headers["ts"], headers["nonce"], request.body)
    assert push(signature=other).names == ("key-access-key",)


def test_a_refusal_that_quotes_a_signature_gives_the_mistake_away() -> None:
    request, key = called(Version.V2)
    rule = rule_of(request, Version.V2, key, {}, "ab")
    assert rule
    made = replace(rule.recipe, text=next(slip.value for slip in rule.slips if slip.name == "body-unkeyed")).signature
    found = told(request, Version.V2, key, {}, [f"bad signature, expected {made}"])
    assert found
    assert found.names == ("body-unkeyed",)
    assert told(request, Version.V2, key, {}, ["authentication failed", request.first("nonce") or ""]) is None


def test_a_key_stands_in_no_repr() -> None:
    rule = rules()["v2"]
    shown = f"{rule}"
    assert not any(secret in shown for secret in (KEYS.key, KEYS.access_key))


def test_a_large_body_is_examined_for_one_mistake() -> None:
    body = b'{"resultCode":"000000","text":"' + b"x" * 200_000 + b'"}'
    request, key = called(Version.V1)
    headers: Sequence[tuple[str, str]] = [("Body-Sign", body_sign(key, body + b"\n"))]
    found = of_answer(headers, body, key, others={}, request=request, version=Version.V1)
    assert found.names == ("line-end",)
