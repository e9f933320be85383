"""Version 1: what is authenticated, decoded and encoded."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from emulator.wire.calls import V1Calls
from shared.call import Call
from shared.clock import Deadline
from shared.commands import Created, Described, Done, Freeze, InstanceInfo, Query, Release, Unfreeze, Upgrade, Version
from shared.config import Settings, of
from shared.errors import AuthenticationError, ConfigurationError, InvalidParameter
from shared.protocol.field_cipher import FieldCipher
from shared.protocol.production.v1 import V1
from shared.provisioning import Access, FreezeReason, RenewalScene, Usage
from tests.fakes import FakeClock
from tests.world import KEY, checked

CLOCK = FakeClock()
CALLS = V1Calls(KEY, CLOCK)
ACCESS = Access("https://a.example.com", user_name="admin", password="Passw0rd!", memo="备注")


def dialect(**values: str) -> V1:
    return V1(Settings(of({"KOOGALLERY_KEY": KEY, **values}), lambda store, name: name), CLOCK)


def authenticated(activity: str, values: dict[str, str] | None = None, **fields: str | None) -> Call:
    return dialect(**(values or {})).authenticate(CALLS.call(activity, **fields), Deadline(CLOCK, 4))


def decoded(activity: str, values: dict[str, str] | None = None, **fields: str | None) -> Any:
    return dialect(**(values or {})).decode(authenticated(activity, values, **fields))


def test_a_call_knows_who_when_and_what():
    call = authenticated("releaseInstance", instanceId="i", brandNew="x")
    assert (call.version, call.activity, call.test, call.key) == (Version.V1, "releaseInstance", False, KEY)
    assert call.sent_at == CLOCK.now()
    assert (call.fields["instanceId"], call.fields["brandNew"]) == ("i", "x")
    assert "authToken" not in call.fields
    assert call.nonce is None
    assert KEY not in repr(call)


@pytest.mark.parametrize(
    ("flag", "test"), [("1", True), (" true", True), ("0", False), ("", False), (None, False), ("False", False)]
)
def test_what_a_debug_call_is(flag, test):
    assert authenticated("releaseInstance", testFlag=flag).test is test


@pytest.mark.parametrize(("zone", "hour"), [("8", 7), ("0", 15), ("-5", 20)])
def test_the_zone_of_an_expiry_is_a_setting(zone, hour):
    renewal = decoded(
        "refreshInstance",
        {"KOOGALLERY_V1_UTC_OFFSET": zone},
        orderId="CS",
        instanceId="i",
        expireTime="20200727153156",
    )
    assert renewal.expires_at == datetime(2020, 7, 27, hour, 31, 56, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "scene"),
    [
        ({}, RenewalScene.RENEWAL),
        ({"trialToFormal": "0"}, RenewalScene.RENEWAL),
        ({"trialToFormal": "1"}, RenewalScene.TRIAL_TO_FORMAL),
        ({"trialToFormal": "2"}, RenewalScene.TRIAL_TO_FORMAL),
        ({"orderAmount": "10"}, RenewalScene.RENEWAL),
        ({"orderAmount": "-10"}, RenewalScene.UNSUBSCRIBE_RENEWAL_PERIOD),
        ({"orderAmount": "0"}, RenewalScene.RENEWAL),
    ],
)
def test_the_scene_of_a_renewal(fields, scene):
    renewal = decoded("refreshInstance", orderId="CS", instanceId="i", expireTime="20200727153156", **fields)
    assert renewal.scene is scene


@pytest.mark.parametrize(
    ("activity", "fields", "command"),
    [
        ("expireInstance", {"instanceId": "i"}, Freeze("i", FreezeReason.EXPIRED)),
        ("instanceStatus", {"instanceId": "i", "instanceStatus": "FREEZE"}, Freeze("i", FreezeReason.SUSPENDED)),
        ("instanceStatus", {"instanceId": "i", "instanceStatus": "NORMAL"}, Unfreeze("i")),
        (
            "releaseInstance",
            {"instanceId": "i", "orderId": "CS", "orderAmount": "1"},
            Release("i", "CS", None, Decimal(1)),
        ),
        ("queryInstance", {"instanceId": "i,j"}, Query(("i", "j"))),
    ],
)
def test_commands(activity, fields, command):
    assert decoded(activity, **fields) == command


def test_an_upgrade_says_what_it_changes():
    command = decoded("upgrade", orderId="CS", instanceId="i", skuCode="s", productId="p", amount="30")
    assert isinstance(command, Upgrade)
    assert command.specification is not None
    assert (command.specification.sku_code, command.specification.quantity) == ("s", 30)
    with pytest.raises(InvalidParameter, match="skuCode"):
        decoded("upgrade", orderId="CS", instanceId="i", productId="p")


def test_an_activity_of_version_2_only_is_unknown():
    with pytest.raises(InvalidParameter, match="activity is unknown"):
        decoded("changeInstanceCheck", instanceId="i")


@pytest.mark.parametrize(("bits", "kind"), [("256", "1"), ("128", "2")])
def test_credentials_leave_encrypted(bits, kind):
    response = dialect(KOOGALLERY_AES_BITS=bits).encode(Created("i", ACCESS), KEY)
    members = checked(response, KEY)
    assert members["encryptType"] == kind
    assert members["appInfo"]["memo"] == "备注"
    cipher = FieldCipher([KEY], int(bits))
    assert cipher.decrypt(members["appInfo"]["userName"], field="") == "admin"
    assert cipher.decrypt(members["appInfo"]["password"], field="") == "Passw0rd!"
    assert b"Passw0rd!" not in response.body


def test_answers_without_credentials():
    one = dialect()
    assert checked(one.encode(Done(), KEY), KEY) == {"resultCode": "000000", "resultMsg": "success."}
    assert checked(one.encode(Created("i"), KEY), KEY)["instanceId"] == "i"
    described = Described((InstanceInfo("i"), InstanceInfo("j", usage=(Usage(Decimal(1), CLOCK.now()),))))
    first, second = checked(one.encode(described, KEY), KEY)["info"]
    assert first == {"instanceId": "i"}
    assert second["usageInfo"][0]["usageValue"] == 1.0


def test_a_wrong_cipher_setting_does_not_keep_a_failure_from_being_told():
    one = dialect(KOOGALLERY_AES_BITS="192")
    assert checked(one.encode(Done(), KEY), KEY)["resultCode"] == "000000"
    with pytest.raises(ConfigurationError, match="KOOGALLERY_AES_BITS"):
        one.encode(Created("i"), KEY)


def test_a_bad_token_is_refused():
    with pytest.raises(AuthenticationError):
        dialect(KOOGALLERY_KEY="other").authenticate(CALLS.call("queryInstance", instanceId="i"), Deadline(CLOCK, 4))
