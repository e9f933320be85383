"""The directory on every engine, and its pages."""

import uuid
from itertools import count

import pytest

from shared.directory import Application, AuthorisationStatus, Department, Tenant, User
from shared.directory.commands import (
    Sync,
    SyncApplication,
    SyncDepartment,
    SyncDepartments,
    SyncTenant,
    SyncTime,
    SyncUsers,
)
from shared.errors import InvalidParameter
from shared.store.cipher import StorageCipher
from shared.store.directory import Directory
from tests.fakes import FakeClock
from tests.shared.store.conftest import Make, without_moto
from tests.shared.store.directory_model import expected, put, shown

pytestmark = without_moto
ORGS = ["1", "2", "研发#"]


@pytest.fixture
def directory(make: Make, clock: FakeClock) -> Directory:
    return Directory(make(clock).table("directory"), StorageCipher(["a-storage-key-for-tests"]))


@pytest.fixture
def tenant() -> str:
    return uuid.uuid4().hex


def source(tenant: str) -> list[Sync]:
    """Things said about a tenant, each later than the one before."""
    times = (SyncTime(number, 1) for number in count(1000))
    users = [
        User(f"用户-{number}", "N", ORGS[number % 3], "user", True, AuthorisationStatus.GRANTED) for number in range(60)
    ]
    moved = [
        User(f"用户-{number}", "N", "1", "admin", number % 2 == 0, AuthorisationStatus.GRANTED) for number in range(10)
    ]
    gone = [User(f"用户-{number}", "", "1", "user", False, AuthorisationStatus.DELETED) for number in range(20, 40)]
    departments = [Department(f"{number:03}", f"部门 {number}", f"{number // 3:03}") for number in range(130)]
    bound = Tenant("i", tenant, f"code-{tenant}", "N", "https://a.example.com")
    return [
        SyncTenant(bound, next(times)),
        SyncApplication(Application("i", tenant, "app", "c", "s"), next(times)),
        SyncDepartments("i", tenant, departments, next(times)),
        SyncUsers("i", tenant, "app", users, next(times)),
        SyncUsers("i", tenant, "app", moved, next(times)),
        SyncUsers("i", tenant, "app", gone, next(times)),
        SyncDepartment("i", tenant, Department("005", "", deleted=True), next(times)),
        SyncDepartment("i", tenant, Department("006", "renamed", "001"), next(times)),
        SyncDepartments("i", tenant, departments[50:], next(times)),
    ]


@pytest.mark.parametrize("backwards", [False, True])
def test_every_engine_ends_equal_to_the_source(directory, tenant, backwards):
    said = source(tenant)
    for command in said[:: -1 if backwards else 1]:
        put(directory, command)
        put(directory, command)
    assert shown(directory, tenant, ORGS, limit=7) == expected(said, ORGS)
    assert [each.tenant_id for each in directory.tenants_by_code(f"code-{tenant}")] == [tenant]


def test_a_tenant_nobody_knows_is_empty(directory, tenant):
    assert shown(directory, tenant, ORGS) == expected([], ORGS)
    assert directory.user(tenant, "a") is None


@pytest.mark.parametrize("after", ["x", "4.a", "-1.a", "0", "１.a"])
def test_a_place_that_was_never_given_out(directory, tenant, after):
    if after == "0":
        assert directory.users(tenant, 5, after).users == []
    else:
        with pytest.raises(InvalidParameter, match="next is not one that was given out"):
            directory.users(tenant, 5, after)
