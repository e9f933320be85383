"""Sync interfaces of version 2: who is let in, and the right code for who is not."""

from dataclasses import replace

import pytest

from emulator.wire.sync_calls import SyncV2Calls
from shared.call import Call
from shared.clock import Deadline
from shared.commands import Done, Version
from shared.config import Settings, of
from shared.errors import AuthenticationError, InvalidParameter, KooGalleryError
from shared.http import HttpRequest
from shared.protocol.choose import sync_dialect
from tests.enterprise_calls import SYNC_KEY, Buyer, sync_settings
from tests.fakes import FakeClock
from tests.world import ACCESS_KEY, checked

CLOCK = FakeClock()
BUYER = Buyer(CLOCK)
SETTINGS = Settings(of({**sync_settings(), "KOOGALLERY_ACCESS_KEY": ACCESS_KEY}), lambda store, name: name)


def authenticated(request: HttpRequest) -> Call:
    return sync_dialect(SETTINGS, CLOCK, request).authenticate(request, Deadline(CLOCK, 4))


def headed(request: HttpRequest, **headers: str | None) -> HttpRequest:
    changed = {**request.headers, **{f"x-{name}": value for name, value in headers.items()}}
    return replace(request, headers={name: value for name, value in changed.items() if value is not None})


def test_a_call_knows_who_when_and_what():
    call = authenticated(BUYER.tenant())
    assert (call.version, call.activity, call.test, call.key) == (Version.V2, "tenantSync", False, SYNC_KEY)
    assert call.sent_at.replace(microsecond=0) == CLOCK.now().replace(microsecond=0)
    assert call.nonce is not None
    assert SYNC_KEY not in repr(call)


@pytest.mark.parametrize("raw", [True, False])
def test_the_bytes_or_their_canonical_form_are_signed(raw):
    body = b'{ "b" : 1, "a": null, "testFlag" :"1" }'
    assert authenticated(SyncV2Calls(SYNC_KEY, CLOCK).send("tenantSync", body, raw=raw)).test


REFUSED: dict[str, tuple[dict[str, str | None], str]] = {
    "no timestamp": ({"timestamp": None}, "000002"),
    "timestamp is none": ({"timestamp": "now"}, "000002"),
    "too old": ({"timestamp": "1680508066618"}, "000002"),
    "no nonce": ({"nonce": None}, "000002"),
    "nonce is none": ({"nonce": "é"}, "000002"),
    "no sign": ({"sign": None}, "000001"),
    "empty sign": ({"sign": ""}, "000001"),
    "wrong sign": ({"sign": "0" * 64}, "000001"),
    "malformed sign": ({"sign": "x"}, "000001"),
    "another nonce": ({"nonce": "another"}, "000001"),
    "nothing at all": ({"timestamp": None, "nonce": None, "sign": None}, "000002"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_each_refusal_has_its_code(name):
    headers, code = REFUSED[name]
    with pytest.raises(KooGalleryError) as refused:
        authenticated(headed(BUYER.tenant(), **headers))
    assert refused.value.code == code


def test_a_key_of_another_class_of_interfaces_is_refused():
    with pytest.raises(AuthenticationError):
        authenticated(SyncV2Calls(ACCESS_KEY, CLOCK).call("tenantSync", {}))


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"1", b"\xff"])
def test_a_body_that_is_none(body):
    with pytest.raises(InvalidParameter, match="the body is not a JSON object"):
        authenticated(replace(BUYER.tenant(), body=body))


def test_a_nonce_stands_for_one_signature_at_one_address():
    sent = SyncV2Calls(SYNC_KEY, CLOCK).send("tenantSync", b'{"a":1}')
    mark = authenticated(sent).nonce
    assert mark == authenticated(replace(sent, body=b'{ "a":1 }')).nonce  # the same signature, in other white space
    assert mark == authenticated(headed(sent, sign=f'"{sent.headers["x-sign"].lower()}"')).nonce
    assert mark != authenticated(replace(sent, path="/produceAPI/v2/applicationSync")).nonce
    other = SyncV2Calls(SYNC_KEY, CLOCK).send("tenantSync", b'{"a":2}', nonce=sent.headers["x-nonce"])
    assert mark != authenticated(other).nonce


@pytest.mark.parametrize(
    "path", ["/produceAPI/v2/a/b", "/produceAPI/v2/", "/produceAPI/v2", "/x/produceAPI/v2/tenantSync//", "/produceAPI/"]
)
def test_other_paths_name_no_interface(path):
    request = replace(BUYER.tenant(), path=path)
    if "/v2/" in path:
        assert authenticated(request).activity == ""
    else:
        dialect = sync_dialect(Settings(of({"KOOGALLERY_KEY": "k"}), lambda store, name: name), CLOCK, request)
        with pytest.raises(AuthenticationError):
            dialect.authenticate(request, Deadline(CLOCK, 4))


@pytest.mark.parametrize(
    "path", ["/produceAPI/v2/tenantSync", "/saas/produceAPI/v2/tenantSync/", "/a/b/produceAPI/v2/tenantSync"]
)
def test_any_base_path_is_one(path):
    assert authenticated(replace(BUYER.tenant(), path=path)).activity == "tenantSync"


def test_only_post_is_an_interface():
    assert authenticated(replace(BUYER.tenant(), method="PUT")).activity == ""


def test_the_answer_is_signed_too():
    dialect = sync_dialect(SETTINGS, CLOCK, BUYER.tenant())
    assert checked(dialect.encode(Done(), dialect.signing_key()), SYNC_KEY)["resultCode"] == "000000"
