"""Every documented body, typos included, and every way a body can be wrong."""

from dataclasses import asdict
from typing import Any

import pytest

from emulator.wire.sync_calls import SyncV1Calls, SyncV2Calls, stamp
from shared.clock import Deadline, epoch_ms
from shared.commands import Command
from shared.config import Settings, of
from shared.directory import AuthorisationStatus
from shared.directory.commands import (
    SyncApplication,
    SyncDepartment,
    SyncDepartments,
    SyncTenant,
    SyncTime,
    SyncUsers,
)
from shared.errors import InvalidParameter
from shared.http import HttpRequest
from shared.protocol.choose import sync_dialect
from shared.protocol.sync.domain import https_address
from tests.enterprise_calls import CLIENT_SECRET, SYNC_KEY, V1, V2, VERSIONS, Buyer, sync_settings, user
from tests.fakes import FakeClock
from tests.vectors import each
from tests.world import KEY

CLOCK = FakeClock()
SETTINGS = Settings(of({"KOOGALLERY_KEY": KEY, **sync_settings()}), lambda store, name: name)
SENT = {V1: SyncV1Calls(KEY, CLOCK).send, V2: SyncV2Calls(SYNC_KEY, CLOCK).send}
NOW = SyncTime(epoch_ms(CLOCK.now()), epoch_ms(CLOCK.now()))


def decoded(request: HttpRequest) -> Command:
    dialect = sync_dialect(SETTINGS, CLOCK, request)
    return dialect.decode(dialect.authenticate(request, Deadline(CLOCK, 4)))


def facts(command: Command) -> Any:
    """A command without what is not said."""
    match command:
        case SyncTenant():
            return {name: value for name, value in asdict(command.tenant).items() if name != "unbound_ms"}
        case SyncUsers():
            return [
                {name: value for name, value in asdict(user).items() if value is not None} for user in command.users
            ]
        case SyncDepartment() | SyncDepartments():
            departments = [command.department] if isinstance(command, SyncDepartment) else command.departments
            found = [[each.org_code, each.org_name, each.parent_code, each.deleted] for each in departments]
            return {"instance_id": command.instance_id, "departments": found}
    raise AssertionError(command)


@each("sync_examples", "accepted")
def test_what_is_published_is_accepted(vector):
    for version in vector["versions"]:
        assert facts(decoded(SENT[version](vector["interface"], vector["body"].encode()))) == vector["expected"]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_secret_arrives_as_it_was_typed(version):
    command = decoded(Buyer(CLOCK, version).application())
    assert isinstance(command, SyncApplication)
    assert command.application.client_secret == CLIENT_SECRET
    assert CLIENT_SECRET not in repr(command)


@pytest.mark.parametrize(
    ("flag", "enable", "state", "may_enter"),
    [
        (0, "true", AuthorisationStatus.DELETED, False),
        (1, "true", AuthorisationStatus.GRANTED, True),
        ("2", "TRUE", AuthorisationStatus.GRANTED, True),
        (2, "false", AuthorisationStatus.GRANTED, False),
        (1, False, AuthorisationStatus.GRANTED, False),
        (3, "true", AuthorisationStatus.REVOKED, False),
        (3, "false", AuthorisationStatus.REVOKED, False),
    ],
)
def test_flags_of_users(flag, enable, state, may_enter):
    command = decoded(Buyer(CLOCK).users(user("a", enable=enable), flag=flag))
    assert isinstance(command, SyncUsers)
    [found] = command.users
    assert (found.state, found.may_enter, command.added) == (state, may_enter, flag == 1)


def test_whoever_left_leaves_no_personal_data():
    command = decoded(Buyer(CLOCK).users(user("a", mobile="138", email="a@b", extension={"x": 1}), flag=0))
    assert isinstance(command, SyncUsers)
    [found] = command.users
    assert asdict(found) == {**dict.fromkeys(asdict(found)), "user_name": "a", "name": "", "org_code": "1"} | {
        "role": "user",
        "enabled": False,
        "state": AuthorisationStatus.DELETED,
    }


def test_a_deletion_needs_no_more_than_a_name():
    buyer = Buyer(CLOCK)
    assert facts(decoded(buyer.users({"userName": "a"}, {"userName": "b"}, flag=3)))[1]["user_name"] == "b"
    tenant = decoded(buyer.tenant(flag=0, name=None, domainName="", orderId=None))
    assert facts(tenant)["deleted"]
    application = decoded(buyer.application(flag=0, clientSecret="cannot be decrypted"))
    assert isinstance(application, SyncApplication)
    assert application.application.deleted
    assert facts(decoded(buyer.department("a", flag=0, orgName=""))) == {
        "instance_id": "business-1",
        "departments": [["a", "", "", True]],
    }


def test_of_one_thing_said_twice_the_last_word_counts():
    buyer = Buyer(CLOCK)
    users = decoded(buyer.users(user("a", name="first"), user("b"), user("a", name="last")))
    assert [(each["user_name"], each["name"]) for each in facts(users)] == [("a", "last"), ("b", "名 b")]
    found = facts(decoded(buyer.departments(("a", ""), ("a", "b"))))
    assert found["departments"] == [["a", "部门 a", "b", False]]


def test_times_are_beijing_time_and_users_go_by_the_time_of_the_sync():
    command = decoded(Buyer(CLOCK).users(user("a"), currentSyncTime="20261120080000123", timeStamp="20261120163000"))
    assert isinstance(command, SyncUsers)
    assert command.at == SyncTime(epoch_ms(CLOCK.now()) - 30 * 60_000 - 8 * 3600_000 + 123, epoch_ms(CLOCK.now()))
    without = decoded(Buyer(CLOCK).users(user("a"), currentSyncTime=""))
    assert isinstance(without, SyncUsers)
    assert without.at == NOW


def test_domain_names_become_addresses():
    for text in ("a.example.com", "https://A.example.com", "https://a.example.com/", " a.example.com "):
        assert https_address(text) == "https://a.example.com"
    assert https_address("a.example.com:8443/base/") == "https://a.example.com:8443/base"
    assert https_address("http://127.0.0.1:8100") == "http://127.0.0.1:8100"


NO_DOMAINS = ["", "/", "http://a.example.com", "ftp://a", "https://", "https://u@a", "https://a?x", "https://a#x"]


@pytest.mark.parametrize(
    "text", [*NO_DOMAINS, "https://a b", "https://a:x", "https://[", "https://ａ.com", "javascript:x"]
)
def test_what_is_no_domain_name(text):
    with pytest.raises(ValueError):  # noqa: PT011 - urlsplit has texts of its own
        https_address(text)


B = Buyer(CLOCK)
AHEAD = stamp(CLOCK.now().replace(year=2027))
BAD = {
    "no tenant": (B.tenant(tenantId=None), "tenantId"),
    "tenant too long": (B.tenant(tenantId="t" * 65), "tenantId"),
    "tenant is a list": (B.tenant(tenantId=["t"]), "tenantId"),
    "instance too long": (B.tenant(instanceId="i" * 65), "instanceId"),
    "no code": (B.tenant(tenantCode=""), "tenantCode"),
    "no name": (B.tenant(name=None), "name"),
    "name is an object": (B.tenant(name={}), "name"),
    "no domain": (B.tenant(domainName=""), "domainName"),
    "domain is none": (B.tenant(domainName="http://example.com"), "domainName"),
    "no flag": (B.tenant(flag=None), "flag"),
    "unknown flag": (B.tenant(flag=4), "flag"),
    "flag is a boolean": (B.tenant(flag=True), "flag"),
    "flag of another interface": (B.tenant(flag=3), "flag"),
    "no time": (B.tenant(timeStamp=""), "timeStamp"),
    "time is none": (B.tenant(timeStamp="yesterday"), "timeStamp"),
    "time is no date": (B.tenant(timeStamp="20221332093539534"), "timeStamp"),
    "time to come": (B.tenant(timeStamp=AHEAD), "timeStamp lies in the future"),
    "neither debug nor production": (B.tenant(testFlag=2), "testFlag"),
    "an application's deletion": (B.call("tenantSync", appId="a", flag=0), "tenantCode"),
    "no application": (B.application(appId=None), "appId"),
    "no client": (B.application(clientId=None), "clientId"),
    "no secret": (B.application(clientSecret=""), "clientSecret"),
    "secret in clear": (B.application(clientSecret="plain"), "clientSecret cannot be decrypted"),
    "secret in clear, debug": (B.application(clientSecret="plain", testFlag=1), "clientSecret cannot be decrypted"),
    "users' deletion": (B.call("applicationSync", appId="a", flag=0, userList=[]), "userList does not belong"),
    "no users": (B.users(userList=None), "userList"),
    "users are no JSON": (B.users(userList="[{"), "userList"),
    "users are an object": (B.users(userList={}), "userList"),
    "a user is a text": (B.users(userList=["a"]), "userList"),
    "too many users": (B.users(*(user(str(number)) for number in range(501))), "userList"),
    "no user name": (B.users(user("")), "userList"),
    "user name with a line break": (B.users(user("a\nb")), "userList"),
    "sync time is none": (B.users(user("a"), currentSyncTime="now"), "currentSyncTime"),
    "no department code": (B.department(""), "orgCode"),
    "no department name": (B.department("a", orgName=""), "orgName"),
    "no departments": (B.call("allOrgSync"), "orgInfoList"),
    "departments are a text": (B.call("allOrgSync", orgInfo="all"), "orgInfoList"),
    "no such interface": (B.call("everythingSync"), "there is no such interface"),
    "a basic interface": (B.call("newInstance"), "there is no such interface"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_named(name):
    request, what = BAD[name]
    with pytest.raises(InvalidParameter, match=f"^{what}") as refused:
        decoded(request)
    assert str(refused.value).isascii()


ODD_USERS: dict[str, tuple[dict[str, Any], tuple[str, str, str, bool], str]] = {
    "a new role": ({"role": "auditor"}, ("名 b", "1", "user", True), "role"),
    "no role": ({"role": None}, ("名 b", "1", "user", True), "role"),
    "no department": ({"orgCode": None}, ("名 b", "", "user", True), "orgCode"),
    "a department that is none": ({"orgCode": ["1"]}, ("名 b", "", "user", True), "orgCode"),
    "no name": ({"name": ""}, ("", "1", "user", True), "name"),
    "a name with a line break": ({"name": "b\nb"}, ("", "1", "user", True), "name"),
    "enable is missing": ({"enable": None}, ("名 b", "1", "user", True), "enable"),
    "enable is neither": ({"enable": "maybe"}, ("名 b", "1", "user", False), "enable"),
    "too long": ({"extension": "x" * 70_000, "position": "y" * 2000}, ("名 b", "1", "user", True), "position"),
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ODD_USERS)
def test_one_odd_user_does_not_sink_the_others(version, name, log_lines):
    members, expected, told = ODD_USERS[name]
    command = decoded(Buyer(CLOCK, version).users(user("a", role="admin"), user("b", **members), user("c")))
    assert isinstance(command, SyncUsers)
    assert [(each.user_name, each.may_enter) for each in command.users] == [
        ("a", True),
        ("b", expected[3]),
        ("c", True),
    ]
    odd = command.users[1]
    assert (odd.name, odd.org_code, odd.role, odd.enabled) == expected
    assert odd.extension is None
    assert any(told in line["parameters"] for line in log_lines())
    assert not [word for word in ("名", "maybe", "auditor", "xxx") if word in log_lines.text]


@pytest.mark.parametrize("odd", ["b", 1, [], {}, user(""), user("b\nb"), user("b" * 129)])
def test_a_user_without_a_name_is_left_out(odd, log_lines):
    command = decoded(Buyer(CLOCK).users(user("a"), odd))
    assert isinstance(command, SyncUsers)
    assert [each.user_name for each in command.users] == ["a"]
    assert log_lines("what cannot be read counts as absent")


def test_one_odd_department_does_not_sink_the_others(log_lines):
    listed = [{"orgCode": "a"}, {"orgCode": "b", "orgName": "B", "parentCode": "x" * 200}, {"orgName": "C"}, "d"]
    found = facts(decoded(B.call("allOrgSync", orgInfoList=[*listed, {"orgCode": "e", "orgName": "E"}])))
    assert found["departments"] == [["a", "", "", False], ["b", "B", "", False], ["e", "E", "", False]]
    assert [line["message"] for line in log_lines()] == [
        "what cannot be read counts as absent",
        "what is missing is left empty",
    ]


def test_a_debug_call_may_name_any_domain_and_any_time():
    assert facts(decoded(B.tenant(domainName="anything", timeStamp=AHEAD, testFlag=1)))["domain"] == "anything"
