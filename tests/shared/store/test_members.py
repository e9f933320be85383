"""Users: what they cost, what is left of a race, what can be read in the store."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from shared.clock import SystemClock
from shared.directory import AuthorisationStatus, User
from shared.directory.commands import SyncTime, SyncUsers
from shared.errors import Unavailable
from shared.store.cipher import StorageCipher
from shared.store.dynamodb import DynamoTables
from shared.store.member_items import SHARDS
from shared.store.members import Members
from shared.store.sqlite.table import SqliteTables
from tests.fakes import CountingTables

CIPHER = StorageCipher(["a-storage-key-for-tests"])


@pytest.fixture
def tables(tmp_path: Path) -> CountingTables:
    return CountingTables(SqliteTables(str(tmp_path / "store.sqlite"), SystemClock(), synchronous="OFF"))


@pytest.fixture
def members(tables: CountingTables) -> Members:
    return Members(tables.table("directory"), CIPHER)


def user(
    name: str,
    org: str = "1",
    state: AuthorisationStatus = AuthorisationStatus.GRANTED,
    *,
    enabled: bool = True,
    **more: Any,
) -> User:
    return User(name, f"Name of {name}", org, "user", enabled, state, **more)


def said(*users: User, at: int = 1, instance: str = "i", app: str = "app") -> SyncUsers:
    return SyncUsers(instance, "t", app, users, SyncTime(at, at))


FIVE_HUNDRED = [user(f"user-{number}") for number in range(500)]


def test_the_calls_of_500_users(members, tables):
    calls = []
    for command in (said(*FIVE_HUNDRED), said(*FIVE_HUNDRED), said(*FIVE_HUNDRED, at=2), said(*FIVE_HUNDRED)):
        tables.reset()
        members.put(command)
        calls.append(Counter({method: number for (_, method), number in tables.calls.items()}))
    new = Counter(get_many=1, put_many=2)
    assert calls == [new, Counter(get_many=1), new + Counter(delete_many=1), Counter(get_many=1)]


class CountingClient:
    """A DynamoDB that stores nothing but hints."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.hints: list[Mapping[str, Any]] = []

    def batch_get_item(self, RequestItems: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N803 - as the API has it
        self.calls["BatchGetItem"] += 1
        wanted = [key["sk"]["S"] for key in RequestItems["t-directory"]["Keys"]]
        return {"Responses": {"t-directory": [hint for hint in self.hints if hint["sk"]["S"] in wanted]}}

    def batch_write_item(self, RequestItems: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N803 - as the API has it
        self.calls["BatchWriteItem"] += 1
        written = [each["PutRequest"]["Item"] for each in RequestItems["t-directory"] if "PutRequest" in each]
        self.hints += [item for item in written if "order" in item]
        return {}


def test_the_http_requests_of_500_users():
    client: Any = CountingClient()
    tables = DynamoTables("t-", SystemClock(), client_factory=lambda: client)
    members = Members(tables.table("directory"), CIPHER)
    requests = []
    for at in (1, 1, 2):
        client.calls.clear()
        members.put(said(*FIVE_HUNDRED, at=at))
        requests.append(dict(client.calls))
    new, repeated, changed = requests
    # 500 hints, and whether the tenant was unbound.
    assert new == {"BatchGetItem": 6, "BatchWriteItem": 60}
    assert repeated == {"BatchGetItem": 6}
    assert changed == {"BatchGetItem": 6, "BatchWriteItem": 100}


def test_those_about_whom_something_newer_is_known_are_not_returned(members):
    members.put(said(user("a"), at=5))
    told = [members.put(said(*users, at=at)) for users, at in (((user("a", "2"), user("b")), 4), ((user("a"),), 5))]
    assert [([each.user_name for each in new], [each.user_name for each in same]) for new, same in told] == [
        (["b"], []),
        ([], ["a"]),
    ]
    assert members.get("t", "a", {}).org_code == "1"


class Crash(BaseException):
    """The process dies."""


def everything(tables: CountingTables) -> dict[str, int]:
    """How many items there are of each kind about a user."""
    table = tables.table("directory")
    places = {
        "words": [f"members#t#{shard}" for shard in range(SHARDS)],
        "listed": ["department#t#1", "department#t#2"],
    }
    return {kind: sum(len(table.query(pk).items) for pk in pks) for kind, pks in places.items()}


def died_before_removing(members: Members, tables: CountingTables) -> None:
    """A user has moved, and the process died before the old word was removed."""
    members.put(said(user("a", "1"), at=1))

    def die(table: str, method: str) -> None:
        if method == "delete_many":
            raise Crash

    tables.before = die
    with pytest.raises(Crash):
        members.put(said(user("a", "2"), at=2))
    tables.before = lambda table, method: None
    assert everything(tables) == {"words": 2, "listed": 2}


@pytest.mark.parametrize("read", ["get", "page", "of the old", "of the new"])
def test_what_a_crash_left_behind_counts_for_nothing_and_goes(members, tables, read):
    died_before_removing(members, tables)
    for _ in range(2):
        if read == "get":
            assert members.get("t", "a", {}) == user("a", "2")
        elif read == "page":
            assert [found for _, found in members.page("t", 5, (0, ""), {})] == [user("a", "2")]
        elif read == "of the old":
            assert members.of("t", "1", 5, "", {}) == []
        else:
            assert members.of("t", "2", 5, "", {}) == [user("a", "2")]
        assert everything(tables) == {"words": 1, "listed": 1}


def test_whoever_may_not_remove_anything_reads_all_the_same(members, tables):
    died_before_removing(members, tables)

    def refuse(table: str, method: str) -> None:
        if method == "delete_many":
            raise Unavailable("not allowed")

    tables.before = refuse
    assert members.get("t", "a", {}) == user("a", "2")
    assert members.of("t", "1", 5, "", {}) == []
    assert everything(tables) == {"words": 2, "listed": 2}


def test_an_entry_of_a_department_that_lost_its_word_goes(members, tables):
    died_before_removing(members, tables)
    table = tables.table("directory")
    [old] = [
        item for shard in range(SHARDS) for item in table.query(f"members#t#{shard}").items if item["org_code"] == "1"
    ]
    table.delete(old)
    assert members.of("t", "1", 5, "", {}) == []
    assert everything(tables) == {"words": 1, "listed": 1}


def test_an_entry_whose_word_is_still_to_come_stays(members, tables):
    members.put(said(user("a", "1"), at=1))
    [order] = {
        item["order"] for shard in range(SHARDS) for item in tables.table("directory").query(f"latest#t#{shard}").items
    }
    newer = order.replace("0000000000001", "0000000000002")
    tables.table("directory").put_many([{"pk": "department#t#2", "sk": f"a#i#app#{newer}"}])
    assert members.of("t", "2", 5, "", {}) == []
    assert everything(tables) == {"words": 1, "listed": 2}


def test_two_who_started_together(members, tables):
    def intrude(table: str, method: str) -> None:
        if method == "put_many":
            tables.before = lambda table, method: None
            members.put(said(user("a", "2"), at=2))

    tables.before = intrude
    members.put(said(user("a", "1"), at=1))
    assert members.of("t", "1", 5, "", {}) == []
    assert members.of("t", "2", 5, "", {}) == [user("a", "2")]
    members.put(said(user("a", "1"), at=3))
    assert members.get("t", "a", {}) == user("a", "1")
    assert everything(tables) == {"words": 1, "listed": 1}


def test_the_instance_that_lets_them_in_counts(members):
    members.put(said(user("a", "1"), at=1, instance="one"))
    members.put(said(user("a", "2", AuthorisationStatus.REVOKED), at=2, instance="two"))
    assert members.get("t", "a", {}).may_enter
    assert members.get("t", "a", {}, "two").state is AuthorisationStatus.REVOKED
    assert members.get("t", "a", {}, "three") is None
    members.put(said(user("a", "3", enabled=False), at=3, instance="one"))
    assert members.get("t", "a", {}).org_code == "3"


def test_accounts_are_told_apart_by_every_character(members):
    names = ["a", "a#", "a%23", "A", "a ", "a$", "a!", "张", "\U0001f600"]
    members.put(said(*(user(name) for name in names)))
    assert sorted(found.user_name for _, found in members.page("t", 100, (0, ""), {})) == sorted(names)
    assert [members.get("t", name, {}).user_name for name in names] == names
    assert members.get("t", "b", {}) is None
    paged, place = [], (0, "")
    while found := members.page("t", 1, place, {}):
        [(place, one)] = found
        paged.append(one.user_name)
    assert sorted(paged) == sorted(names)


def test_personal_data_is_not_readable_and_goes_with_the_user(members, tables):
    full = user("a", mobile="13912345678", email="a@example.com", extension='{"id":"3522"}', position="boss")
    members.put(said(full))
    assert members.get("t", "a", {}) == full
    readable = json.dumps(
        [item for shard in range(SHARDS) for item in tables.table("directory").query(f"members#t#{shard}").items]
    )
    assert [word for word in ("13912345678", "a@example.com", "3522", "boss", "Name of") if word in readable] == []
    members.put(said(User("a", "", "1", "user", False, AuthorisationStatus.DELETED), at=2))
    assert everything(tables) == {"words": 1, "listed": 1}
    assert members.get("t", "a", {}).mobile is None
