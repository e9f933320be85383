"""The directory ends equal to the source, in whatever order, how often and how much at once the calls come."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import count, permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.clock import SystemClock
from shared.directory import NEVER, Application, AuthorisationStatus, Department, Tenant, User
from shared.directory.commands import (
    Sync,
    SyncApplication,
    SyncDepartment,
    SyncDepartments,
    SyncTenant,
    SyncTime,
    SyncUsers,
    synced_ms,
)
from shared.store.cipher import StorageCipher
from shared.store.directory import Directory
from shared.store.keys import joined, split
from shared.store.member_items import SHARDS
from shared.store.paging import every
from shared.store.sqlite.table import SqliteTables
from shared.store.table import Item
from tests.examples import examples
from tests.fakes import CountingTables
from tests.shared.store.directory_model import expected, put, shown
from tests.world import together

ORGS = ["1", "2", "a#b%"]
NAMES = ["zhang", "li#1", "王%23", "wang"]
CODES = ["1", "2", "3", "4"]
CIPHER = StorageCipher(["a-storage-key-for-tests"])
TENANTS = count()

Open = Callable[[], tuple[Directory, CountingTables, str]]


@pytest.fixture(scope="module")
def open_(tmp_path_factory: pytest.TempPathFactory) -> Open:
    """A directory, its tables, and the id of a tenant that is still unknown in it."""
    path = tmp_path_factory.mktemp("store") / "store.sqlite"
    inner = SqliteTables(str(path), SystemClock(), synchronous="OFF")

    def opened() -> tuple[Directory, CountingTables, str]:
        tables = CountingTables(inner)
        return Directory(tables.table("directory"), CIPHER), tables, f"tenant#{next(TENANTS)}"

    return opened


USERS = st.builds(
    User,
    user_name=st.sampled_from(NAMES),
    name=st.sampled_from(["A", "B"]),
    org_code=st.sampled_from(ORGS),
    role=st.sampled_from(["user", "admin"]),
    enabled=st.booleans(),
    state=st.sampled_from(AuthorisationStatus),
    mobile=st.none() | st.just("138"),
)
DEPARTMENTS = st.builds(
    Department,
    org_code=st.sampled_from(CODES),
    org_name=st.sampled_from(["R&D", "部门"]),
    parent_code=st.sampled_from(["", *CODES]),
)
INSTANCES = st.sampled_from(["", "i", "j#"])
TIME = SyncTime(0, 0)


def unique(things: Any, key: Callable[[Any], str]) -> Any:
    return st.lists(things, unique_by=key, max_size=4)


def commands(tenant: str) -> Any:
    """Some commands about ``tenant``, each with a time of its own."""
    kinds = st.one_of(
        st.builds(SyncTenant, st.builds(
            Tenant, INSTANCES, st.just(tenant), st.sampled_from(["acme", ""]), st.sampled_from("NM"),
            st.just("https://a.example.com"), deleted=st.booleans(),
        ), st.just(TIME)),
        st.builds(SyncApplication, st.builds(
            Application, INSTANCES, st.just(tenant), st.just("app"), st.sampled_from(["c", "d"]),
            st.sampled_from(["secret", "other"]), deleted=st.booleans(),
        ), st.just(TIME)),
        st.builds(
            SyncUsers, INSTANCES, st.just(tenant), st.sampled_from(["app", "app2"]),
            unique(USERS, lambda user: user.user_name), st.just(TIME),
        ),
        st.builds(SyncDepartment, INSTANCES, st.just(tenant), st.builds(
            lambda department, deleted: replace(department, deleted=deleted), DEPARTMENTS, st.booleans(),
        ), st.just(TIME)),
        st.builds(
            SyncDepartments, INSTANCES, st.just(tenant), unique(DEPARTMENTS, lambda each: each.org_code), st.just(TIME)
        ),
    )  # fmt: skip
    return st.lists(kinds, min_size=1, max_size=12).map(
        lambda found: [replace(each, at=SyncTime(1000 + number, 5)) for number, each in enumerate(found)]
    )


def of(source: list[Sync], tenant: str) -> list[Sync]:
    """The same about another tenant."""
    return [_of(command, tenant) for command in source]


def _of(command: Sync, tenant: str) -> Sync:
    match command:
        case SyncTenant():
            return replace(command, tenant=replace(command.tenant, tenant_id=tenant))
        case SyncApplication():
            return replace(command, application=replace(command.application, tenant_id=tenant))
    return replace(command, tenant_id=tenant)


SOURCES = commands("tenant")
SLOW = settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(source=SOURCES, data=st.data())
def test_in_any_order_and_repeated(open_: Open, source: list[Sync], data: st.DataObject) -> None:
    directory, _, tenant = open_()
    source = of(source, tenant)
    repeated = data.draw(st.lists(st.sampled_from(range(len(source))), max_size=5))
    for number in data.draw(st.permutations([*range(len(source)), *repeated])):
        put(directory, source[number])
    assert shown(directory, tenant, ORGS) == expected(source, ORGS)


@settings(SLOW, max_examples=examples(25))
@given(source=SOURCES)
def test_at_once(open_: Open, source: list[Sync]) -> None:
    directory, _, tenant = open_()
    source = of(source, tenant)
    together(len(source), lambda number: put(directory, source[number]))
    assert shown(directory, tenant, ORGS) == expected(source, ORGS)
    assert shown(directory, tenant, ORGS) == expected(source, ORGS)  # and what reading removed was not missed


@SLOW
@given(source=SOURCES, data=st.data())
def test_clearing_up_at_any_time_takes_nothing_that_counts(
    open_: Open, source: list[Sync], data: st.DataObject
) -> None:
    """Departments go with the last instance that is known: of those told before an unbinding nothing is promised to
    a tenant that is bound again.
    """
    directory, tables, tenant = open_()
    source = of(source, tenant)
    forgotten = False
    for number in data.draw(st.permutations(range(len(source)))):
        put(directory, source[number])
        if data.draw(st.booleans()):
            known = directory.tenants(tenant)
            forgotten |= bool(known) and all(each.deleted for each in known)
            cleared(directory, tenant, data.draw(st.integers(1, 3)))
    expectation = expected(source, ORGS)
    cleared(directory, tenant, 3)
    found = shown(directory, tenant, ORGS)
    assert replace(found, departments=[]) == replace(expectation, departments=[])
    codes, all_codes = ({each.org_code for each in view.departments} for view in (found, expectation))
    if forgotten:
        assert all_codes & told_after_unbindings(source) <= codes <= all_codes
    else:
        assert found.departments == expectation.departments
    assert [each for each in directory.to_clear_up() if each.tenant_id == tenant] == []
    unbound = {each.instance_id: each.unbound_ms for each in expectation.tenants}
    left = [
        item
        for item in words_of(tables, tenant)
        if synced_ms(item["sk"].rpartition("#")[2]) <= unbound.get(split(item["sk"])[1], NEVER)
    ]
    assert left == []


def told_after_unbindings(source: list[Sync]) -> set[str]:
    """Codes of the departments that were told of after the last unbinding."""
    unbound = max(
        (each.at.synced_ms for each in source if isinstance(each, SyncTenant) and each.tenant.deleted), default=-1
    )
    later = [each for each in source if each.at.synced_ms > unbound]
    listed = {one.org_code for each in later if isinstance(each, SyncDepartments) for one in each.departments}
    return listed | {each.department.org_code for each in later if isinstance(each, SyncDepartment)}


def cleared(directory: Directory, tenant: str, most: int) -> None:
    """As the sweep does it, in small portions."""
    for unbinding in directory.to_clear_up():
        while unbinding.tenant_id == tenant and directory.clear_up(unbinding, most) == most:
            pass


def words_of(tables: CountingTables, tenant: str) -> list[Item]:
    """Everything that is stored about users of a tenant."""
    table = tables.table("directory")
    found = [item for shard in range(SHARDS) for item in every(table, joined("members", tenant, str(shard)))]
    return found + [item for org in ORGS for item in every(table, joined("department", tenant, org))]


class Crash(BaseException):
    """The process dies."""


@SLOW
@given(source=SOURCES, data=st.data())
def test_after_crashes_and_repeats(open_: Open, source: list[Sync], data: st.DataObject) -> None:
    directory, tables, tenant = open_()
    source = of(source, tenant)
    order = data.draw(st.permutations(range(len(source))))
    for number in order:
        left = [data.draw(st.integers(0, 7))]

        def die(table: str, method: str, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise Crash

        moment = data.draw(st.sampled_from(["before", "after"]))
        setattr(tables, moment, die)
        with suppress(Crash):
            put(directory, source[number])
        tables.before = tables.after = lambda table, method: None
    for number in data.draw(st.permutations(order)):
        put(directory, source[number])
    assert shown(directory, tenant, ORGS) == expected(source, ORGS)


@SLOW
@given(source=SOURCES, data=st.data())
def test_what_is_out_of_date_does_not_stay(open_: Open, source: list[Sync], data: st.DataObject) -> None:
    directory, tables, tenant = open_()
    calls = [command for command in of(source, tenant) if isinstance(command, SyncUsers)]
    for number in data.draw(st.permutations(range(len(calls)))):
        put(directory, calls[number])
    pairs = {(user.user_name, each.instance_id, each.app_id) for each in calls for user in each.users}
    shown(directory, tenant, ORGS)
    table = tables.table("directory")
    escaped = tenant.replace("#", "%23")
    kept = [item for shard in range(4) for item in table.query(f"members#{escaped}#{shard}").items]
    places = [f"department#{escaped}#{org.replace('%', '%25').replace('#', '%23')}" for org in ORGS]
    listed = [item for pk in places for item in table.query(pk).items]
    assert len(kept) == len(listed) == len(pairs)


def test_a_tie_ends_everywhere_alike(open_: Open) -> None:
    users = [User("a", "A", org, "user", enabled, state) for org, enabled, state in (
        ("1", True, AuthorisationStatus.GRANTED), ("2", True, AuthorisationStatus.GRANTED),
        ("1", False, AuthorisationStatus.GRANTED), ("1", True, AuthorisationStatus.DELETED),
    )]  # fmt: skip
    ends = []
    for some in [users[:2], users[:3], users]:
        found = set()
        for order in permutations(some):
            directory, _, tenant = open_()
            for user in order:
                directory.put_users(SyncUsers("i", tenant, "app", [user], SyncTime(1, 1)))
            found.add(directory.user(tenant, "a"))
        [end] = found
        ends.append(end)
    assert ends[1:] == [users[2], users[3]]


def test_a_list_that_did_not_arrive_as_a_whole_makes_nothing_stale(open_: Open) -> None:
    directory, tables, tenant = open_()
    put(directory, SyncDepartment("i", tenant, Department("old", "Old"), SyncTime(1, 1)))
    many = [Department(f"{number:04}", "New") for number in range(150)]
    put(directory, SyncDepartments("i", tenant, many, SyncTime(2, 2)))
    table = tables.table("directory")
    pk = f"departments#{tenant.replace('#', '%23')}"
    [last] = [item for item in table.query(pk).items if item["sk"].endswith("#0001")]
    table.delete(last)
    found = directory.departments(tenant, 1000).departments
    assert len(found) == 101
    assert not any(each.stale for each in found)
    put(directory, SyncDepartments("i", tenant, many, SyncTime(2, 2)))
    found = directory.departments(tenant, 1000).departments
    assert [each.org_code for each in found if each.stale] == ["old"]
    assert len(found) == 151
