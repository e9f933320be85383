"""``authSync``: who may use the application."""

from collections.abc import Sequence
from typing import Any

import pytest

from shared.directory import AuthorisationStatus, User
from shared.provisioning import MemberChange
from tests.enterprise_calls import TENANT, V2, Buyer, user
from tests.world import FakeProvisioner, World, together

SUCCESS = {"resultCode": "000000", "resultMsg": "success."}


class Listening(FakeProvisioner):
    """A provisioner that hears of members; ``before_member`` is called first, and may raise or block."""

    def __init__(self) -> None:
        super().__init__()
        self.members: list[tuple[str, User, MemberChange, str]] = []
        self.before_member: Any = None

    def member_changed(self, tenant_id: str, user: User, change: MemberChange, key: str) -> None:
        if self.before_member:
            self.before_member(user)
        self.members.append((tenant_id, user, change, key))


@pytest.fixture
def listener(world) -> Listening:
    """The world's provisioner listens."""
    listening = Listening()
    world.provisioner = listening
    world.restarted()
    return listening


def state(world: World, name: str) -> tuple[Any, ...] | None:
    found = world.app.directory.user(TENANT, name)
    return (found.state.value, found.enabled, found.role, found.org_code) if found else None


def names(found: Sequence[User]) -> list[str]:
    return sorted(each.user_name for each in found)


@pytest.mark.every_entry
def test_a_member_is_added_changed_disabled_enabled_revoked_and_removed(world, buyer):
    steps: list[tuple[int, dict[str, Any], tuple[Any, ...]]] = [
        (1, {}, ("GRANTED", True, "user", "1")),
        (1, {}, ("GRANTED", True, "user", "1")),
        (2, {"role": "admin", "orgCode": "2"}, ("GRANTED", True, "admin", "2")),
        (2, {"enable": "false"}, ("GRANTED", False, "user", "1")),
        (2, {"enable": True}, ("GRANTED", True, "user", "1")),
        (3, {}, ("REVOKED", True, "user", "1")),
        (3, {}, ("REVOKED", True, "user", "1")),
        (0, {}, ("DELETED", False, "user", "1")),
        (0, {}, ("DELETED", False, "user", "1")),
        (1, {}, ("GRANTED", True, "user", "1")),
    ]
    for flag, members, expected in steps:
        world.clock.advance(1)
        assert world.send(buyer.users(user("zhang", **members), flag=flag), buyer.key) == SUCCESS
        assert state(world, "zhang") == expected


def test_a_member_nobody_knows_is_removed_without_a_question(world, buyer):
    assert world.send(buyer.users(user("nobody"), flag=0, instanceId="nowhere"), buyer.key) == SUCCESS


def test_members_may_come_before_everything_else(world, buyer):
    world.send(buyer.users(user("zhang", orgCode="unknown")), buyer.key)
    assert names(world.app.directory.members(TENANT, "unknown").users) == ["zhang"]


def test_five_hundred_at_once(world, buyer):
    users = [user(f"user-{number}", orgCode=str(number % 5)) for number in range(500)]
    assert world.send(buyer.users(*users), buyer.key) == SUCCESS
    world.clock.advance(1)
    world.tables.reset()
    assert world.send(buyer.users(*users, flag=2), buyer.key) == SUCCESS
    assert {method: n for (table, method), n in world.tables.calls.items() if table == "directory"} == {
        "get_many": 1, "put_many": 2, "delete_many": 1,
    }  # fmt: skip
    assert len(world.app.directory.users(TENANT, 1000).users) == 500
    assert len(world.app.directory.members(TENANT, "3", 1000).users) == 100


@pytest.mark.parametrize("field", ["currentSyncTime", "timeStamp"])
def test_what_is_older_changes_nothing_and_succeeds(world, buyer, log_lines, field):
    world.send(buyer.users(user("a", role="admin"), user("b"), **{field: "20261120162000000"}), buyer.key)
    old = buyer.users(user("a"), user("c"), **{field: "20261120161000000"})
    world.tables.reset()
    assert world.send(old, buyer.key) == SUCCESS
    assert state(world, "a") == ("GRANTED", True, "admin", "1")
    assert state(world, "c") == ("GRANTED", True, "user", "1")
    [line] = log_lines("older than what is known")
    assert line["count"] == 1


def test_at_once_in_any_order(world, buyer):
    requests = []
    for number in range(8):
        world.clock.advance(0.1)
        people = (user(f"user-{each}", orgCode=str(number)) for each in range(20))
        requests.append(buyer.users(*people, flag=3 if number == 7 else 2))
    together(8, lambda number: world.send(requests[number * 3 % 8], buyer.key))
    assert {state(world, f"user-{each}") for each in range(20)} == {("REVOKED", True, "user", "7")}
    assert [len(world.app.directory.members(TENANT, str(org)).users) for org in range(8)] == [0] * 7 + [20]


def test_a_debug_call_stores_nothing_and_tells_nobody(world, buyer, listener):
    assert world.send(buyer.users(user("zhang"), testFlag=1), buyer.key) == SUCCESS
    assert world.send(buyer.users(user(""), testFlag="1"), buyer.key)["resultCode"] == "000002"
    assert state(world, "zhang") is None
    assert listener.members == []


def test_sessions_end_with_the_right_to_enter(world, buyer):
    for number, (flag, enable, ended) in enumerate(
        [(1, "true", 0), (2, "false", 1), (2, "true", 0), (3, "true", 1), (0, "true", 1)]
    ):
        world.clock.advance(1)
        world.tables.reset()
        world.send(buyer.users(user(f"user-{number}", enable=enable), user("other"), flag=flag), buyer.key)
        assert world.tables.calls["sessions", "put_many"] == ended


def test_the_provisioner_hears_of_members(world, buyer, listener):
    for flag, enable in ((1, "true"), (2, "true"), (2, "false"), (3, "true"), (0, "true")):
        world.clock.advance(1)
        world.send(buyer.users(user("zhang", enable=enable), user("li", enable=enable), flag=flag), buyer.key)
    assert [(each.user_name, change.value) for _, each, change, _ in listener.members] == [
        (name, change) for change in ("ADDED", "CHANGED", "DISABLED", "REMOVED", "REMOVED") for name in ("zhang", "li")
    ]
    assert {tenant for tenant, *_ in listener.members} == {TENANT}
    assert listener.members[-1][1].state is AuthorisationStatus.DELETED
    keys = [key for _, each, _, key in listener.members if each.user_name == "li"]
    assert keys == sorted(set(keys))


def test_a_repeat_tells_it_again_with_the_same_key_and_what_is_older_is_not_told(world, buyer, listener):
    old = buyer.users(user("zhang", role="admin"))
    world.clock.advance(1)
    for each in (buyer.users(user("zhang")), buyer.users(user("zhang")), old):
        world.send(each, buyer.key)
    assert [each.role for _, each, _, _ in listener.members] == ["user", "user"]
    assert len({key for *_, key in listener.members}) == 1


def test_a_provisioner_that_fails_is_an_alarm_and_no_more(world, buyer, listener, log_lines):
    def fail(member: User) -> None:
        if member.user_name != "b":
            raise RuntimeError(member.mobile)

    listener.before_member = fail
    assert world.send(buyer.users(*(user(name, mobile="13912345678") for name in "abc")), buyer.key) == SUCCESS
    assert [each.user_name for _, each, _, _ in listener.members] == ["b"]
    [line] = log_lines("members changed, and the provisioner does not know: it can read the directory")
    assert (line["level"], line["count"]) == ("ERROR", 2)
    assert "13912345678" not in log_lines.text
    assert state(world, "c") is not None


def test_a_provisioner_that_hangs_is_not_waited_for(build, blocked, log_lines):
    from shared.clock import SystemClock
    from tests.enterprise_calls import sync_settings

    world = build(sync_settings(), SystemClock())
    world.provisioner = Listening()
    world.restarted()
    world.provisioner.before_member = lambda member: blocked.on("member")("member")
    world.hurry()
    buyer = Buyer(world.clock, V2)
    assert world.send(buyer.users(user("a"), user("b")), buyer.key) == SUCCESS
    [line] = log_lines("members changed, and the provisioner does not know: it can read the directory")
    assert line["count"] == 2
    assert state(world, "b") is not None


def test_without_a_provisioner_members_are_stored_all_the_same(world, buyer, log_lines):
    world.values["KOOGALLERY_PROVISIONER"] = ""
    del world.restarted().__dict__["provisioner"]
    assert world.send(buyer.users(user("zhang")), buyer.key) == SUCCESS
    assert log_lines("the provisioner cannot be told of members")
