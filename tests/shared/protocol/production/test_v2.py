"""Version 2: what is authenticated, decoded and encoded."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from emulator.wire.calls import V2Calls
from shared.call import Call, Nonce
from shared.clock import Deadline, epoch_ms
from shared.commands import (
    CheckChange,
    Command,
    Created,
    Described,
    Freeze,
    InstanceInfo,
    OrderNotice,
    Purchase,
    Query,
    Release,
    Renew,
    Unfreeze,
    Upgrade,
    Version,
)
from shared.config import Settings, of
from shared.errors import AuthenticationError, InvalidParameter
from shared.http import HttpRequest
from shared.json_object import read_object
from shared.protocol.production.v2 import V2
from shared.provisioning import Access, FreezeReason, RenewalScene, Specification, Usage
from tests.fakes import FakeClock
from tests.world import ACCESS_KEY, checked

CLOCK = FakeClock()
CALLS = V2Calls(ACCESS_KEY, CLOCK)
DIALECT = V2(Settings(of({}), lambda store, name: name), CLOCK, [ACCESS_KEY])
ORDER = {"orderId": "CS", "orderLineId": "CS-000001"}


def authenticated(request: HttpRequest) -> Call:
    return DIALECT.authenticate(request, Deadline(CLOCK, 4))


def decoded(activity: str, **members: Any) -> Command:
    return DIALECT.decode(authenticated(CALLS.call(activity, **members)))


def test_a_call_knows_who_when_and_what():
    call = authenticated(CALLS.call("releaseInstance", instanceId="i", nonce="the-nonce"))
    assert (call.version, call.activity, call.test, call.key) == (Version.V2, "releaseInstance", False, ACCESS_KEY)
    assert abs(call.sent_at - CLOCK.now()) < timedelta(milliseconds=1)
    assert call.nonce is not None
    assert "the-nonce" not in repr(call)
    assert ACCESS_KEY not in repr(call)


def test_the_mark_of_a_call_tells_nonce_and_content_apart():
    def mark(instance_id: str, nonce: str) -> Nonce:
        found = authenticated(CALLS.call("releaseInstance", instanceId=instance_id, nonce=nonce)).nonce
        assert found is not None
        return found

    first, same, content, other = mark("i", "n"), mark("i", "n"), mark("j", "n"), mark("i", "m")
    assert first == same
    assert (first.value == content.value, first.digest == content.digest) == (True, False)
    assert (first.value == other.value, first.digest == other.digest) == (False, False)


@pytest.mark.parametrize("change", [str.upper, str.lower])
def test_the_case_of_a_signature_makes_no_other_call(change):
    request = CALLS.call("releaseInstance", instanceId="i", nonce="n")
    pairs = dict(request.query)
    cased = tuple((pairs | {"signature": change(pairs["signature"])}).items())
    assert authenticated(type(request)("POST", "/saas", cased, request.headers, request.body)).nonce == (
        authenticated(request).nonce
    )


@pytest.mark.parametrize("seconds", [-60, 0, 60])
def test_both_units_of_time_within_the_window(seconds):
    moment = CLOCK.now() + timedelta(seconds=seconds)
    for stamp in (str(epoch_ms(moment)), str(epoch_ms(moment) // 1000)):
        assert authenticated(CALLS.send(b"{}", timestamp=stamp, nonce="n")).sent_at == moment


@pytest.mark.parametrize("seconds", [-61, 61])
def test_outside_of_the_window(seconds):
    stamp = str(epoch_ms(CLOCK.now() + timedelta(seconds=seconds)))
    with pytest.raises(AuthenticationError):
        authenticated(CALLS.send(b"{}", timestamp=stamp))


@pytest.mark.parametrize(
    ("members", "test"),
    [
        ({"testFlag": "1"}, True),
        ({"testFlag": 1}, True),
        ({"testFlag": "0"}, False),
        ({"testFlag": ""}, False),
        ({}, False),
        ({"testFlag": "10"}, False),
        ({"orderId": "MOCKONDEMAND"}, True),
        ({"orderId": "CSMOCK"}, False),
    ],
)
def test_what_is_a_debug_call(members, test):
    assert authenticated(CALLS.call("newInstance", **members)).test is test


MOMENT = datetime(2022, 11, 24, 2, 36, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("activity", "members", "command"),
    [
        ("newInstance", ORDER | {"businessId": "b"}, Purchase("CS", "CS-000001", "b", None)),
        ("newInstance", {"orderId": "CS", "businessId": "b", "orderLineId": ""}, Purchase("CS", None, "b", None)),
        ("queryInstance", {"instanceId": "i,j"}, Query(("i", "j"))),
        (
            "refreshInstance",
            ORDER | {"instanceId": "i", "scene": "RENEWAL_CHANGE", "expireTime": "20221124023618"},
            Renew("i", "CS", "CS-000001", RenewalScene.RENEWAL_CHANGE, MOMENT),
        ),
        (
            "refreshInstance",
            ORDER | {"instanceId": "i", "scene": "RENEWAL", "expireTime": "20221124023618256", "productId": "p"},
            Renew("i", "CS", "CS-000001", RenewalScene.RENEWAL, MOMENT + timedelta(milliseconds=256), "p"),
        ),
        ("updateInstanceStatus", {"instanceId": "i", "status": "FREEZE"}, Freeze("i", FreezeReason.SUSPENDED)),
        ("updateInstanceStatus", {"instanceId": "i", "status": "UNFREEZE"}, Unfreeze("i")),
        ("releaseInstance", {"instanceId": "i", "orderId": "CS"}, Release("i", "CS")),
        ("upgradeInstance", ORDER | {"instanceId": "i"}, Upgrade("i", "CS", "CS-000001", None)),
        (
            "changeInstanceCheck",
            {"instanceId": "i", "productInfo": [{"productId": "p", "linearValue": "3"}]},
            CheckChange("i", Specification(product_id="p", quantity=3)),
        ),
        ("orderNotify", ORDER, OrderNotice("CS", "CS-000001")),
    ],
)
def test_commands(activity, members, command):
    assert decoded(activity, **members) == command


@pytest.mark.parametrize("activity", ["", "expireInstance", "upgrade", "instanceStatus"])
def test_activities_of_version_1_only_are_unknown(activity):
    with pytest.raises(InvalidParameter, match="activity is unknown"):
        decoded(activity, instanceId="i")


def test_an_accepted_creation_says_so():
    assert checked(DIALECT.encode(Created("i", in_process=True), ACCESS_KEY), ACCESS_KEY) == {
        "resultCode": "000004",
        "resultMsg": "in process",
        "instanceId": "i",
    }


def test_credentials_leave_plain_in_a_query_only():
    access = Access("https://a.example.com", user_name="admin", password="Passw0rd!")
    created = checked(DIALECT.encode(Created("i", access), ACCESS_KEY), ACCESS_KEY)
    assert created["appInfo"] == {"frontEndUrl": "https://a.example.com"}
    described = Described((InstanceInfo("i", access, (Usage(Decimal("1.5"), MOMENT),)),))
    [info] = checked(DIALECT.encode(described, ACCESS_KEY), ACCESS_KEY)["info"]
    assert info == {
        "instanceId": "i",
        "appInfo": {"frontEndUrl": "https://a.example.com", "userName": "admin", "password": "Passw0rd!"},
        "usageInfo": [{"usageValue": 1.5, "statisticalTime": "20221124023618000"}],
    }


def test_an_object_is_read_as_it_is():
    assert read_object('{"a":{"b":[1,2.5,null,true,"说\\u660e\\ud83d\\ude00"]}}'.encode()) == {
        "a": {"b": [1, 2.5, None, True, "说明😀"]}
    }
