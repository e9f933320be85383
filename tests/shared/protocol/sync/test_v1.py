"""Sync interfaces of version 1: who is let in, and how the answer is signed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from emulator.wire.sync_calls import SyncV1Calls
from shared.call import Call
from shared.clock import Deadline
from shared.commands import Done, Version
from shared.config import Settings, of
from shared.errors import AuthenticationError, InvalidParameter
from shared.http import HttpRequest
from shared.protocol.choose import sync_dialect
from tests.enterprise_calls import V1, Buyer, sync_settings
from tests.fakes import FakeClock
from tests.world import KEY, checked

CLOCK = FakeClock()
BUYER = Buyer(CLOCK, V1)


def authenticated(request: HttpRequest, **settings: str) -> Call:
    values = {"KOOGALLERY_KEY": KEY, **sync_settings(), **settings}
    return sync_dialect(Settings(of(values), lambda store, name: name), CLOCK, request).authenticate(
        request, Deadline(CLOCK, 4)
    )


def test_a_call_knows_who_when_and_what():
    call = authenticated(BUYER.tenant(testFlag="1"))
    assert (call.version, call.activity, call.test, call.key) == (Version.V1, "tenantSync", True, KEY)
    assert abs(call.sent_at - CLOCK.now()) < timedelta(milliseconds=1)
    assert call.nonce is None
    assert KEY not in repr(call)


def test_of_several_keys_the_one_that_fits():
    assert authenticated(BUYER.tenant(), KOOGALLERY_KEY=f"newer, {KEY}").key == KEY


@pytest.mark.parametrize("token", [None, "", "x", '""'])
def test_without_a_right_token_nobody_gets_in(token):
    request = BUYER.tenant()
    headers = {**request.headers, "authtoken": token} if token is not None else {}
    with pytest.raises(AuthenticationError):
        authenticated(replace(request, headers=headers))


def test_a_changed_body_is_refused():
    request = BUYER.tenant()
    with pytest.raises(AuthenticationError):
        authenticated(replace(request, body=request.body.replace(b"acme", b"evil")))


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff"])
def test_a_body_that_is_none(body):
    with pytest.raises(InvalidParameter):
        authenticated(replace(BUYER.tenant(), body=body))


def test_a_window_holds_if_one_is_set():
    old = Buyer(CLOCK, V1).tenant(timeStamp="20220413093539534")
    unreadable = SyncV1Calls(KEY, CLOCK).send("tenantSync", b'{"timeStamp":"any"}')
    assert authenticated(old).sent_at.year == 2022
    assert authenticated(unreadable).sent_at == CLOCK.now()
    assert authenticated(BUYER.tenant(), KOOGALLERY_V1_WINDOW="60").activity == "tenantSync"
    for request in (old, unreadable):
        with pytest.raises(AuthenticationError) as refused:
            authenticated(request, KOOGALLERY_V1_WINDOW="60")
        assert refused.value.reason == "window"


def test_the_answer_is_signed():
    dialect = sync_dialect(
        Settings(of({"KOOGALLERY_KEY": f"{KEY},old"}), lambda store, name: name), CLOCK, BUYER.tenant()
    )
    assert checked(dialect.encode(Done(), dialect.signing_key()), KEY)["resultCode"] == "000000"
