"""Tenants and applications when two write at once; what of them can be read in the store."""

import json
from pathlib import Path

import pytest

from shared.clock import SystemClock
from shared.directory import Application, Tenant
from shared.directory.commands import SyncApplication, SyncTenant, SyncTime
from shared.errors import ConfigurationError
from shared.store.bindings import Bindings
from shared.store.cipher import StorageCipher
from shared.store.sqlite.table import SqliteTables
from tests.fakes import CountingTables

OLD, NEW = "an-old-key-for-tests", "a-new-key-for-tests"
TENANT = Tenant("i", "t", "acme", "甲公司", "https://a.example.com", "CS1")
APPLICATION = Application("i", "t", "app", "client", "the-secret")


@pytest.fixture
def tables(tmp_path: Path) -> CountingTables:
    return CountingTables(SqliteTables(str(tmp_path / "store.sqlite"), SystemClock()))


def bindings(tables: CountingTables, *keys: str) -> Bindings:
    return Bindings(tables.table("directory"), StorageCipher(keys or (NEW,)))


def said(code: str, at: int) -> SyncTenant:
    return SyncTenant(Tenant("i", "t", code, "N", "https://a.example.com"), SyncTime(at, at))


@pytest.mark.parametrize("before", ["create", "replace"])
@pytest.mark.parametrize(("other", "end"), [(5, "mine"), (7, "theirs")])
def test_someone_writes_in_between(tables, before, other, end):
    if before == "replace":
        bindings(tables).put_tenant(said("first", 1))

    def intrude(table: str, method: str) -> None:
        if method == before:
            tables.before = lambda table, method: None
            bindings(tables).put_tenant(said("theirs", other))

    tables.before = intrude
    assert bindings(tables).put_tenant(said("mine", 6)) == (end == "mine")
    [tenant] = bindings(tables).tenants("t")
    assert tenant.tenant_code == end


def test_the_answer_tells_whether_something_newer_is_known(tables):
    store = bindings(tables)
    assert [store.put_tenant(said("a", at)) for at in (5, 5, 4, 6)] == [True, True, False, True]


def test_those_not_deleted_come_first_then_the_latest(tables):
    store = bindings(tables)
    for number, deleted in enumerate([False, True, False, True]):
        gone = Tenant(f"i{number}", "t", "acme", "N", "https://a.example.com", deleted=deleted)
        store.put_tenant(SyncTenant(gone, SyncTime(number, number)))
        store.put_application(
            SyncApplication(Application(f"i{number}", "t", "app", "c", "s", deleted), SyncTime(number, number))
        )
    assert [each.instance_id for each in store.tenants("t")] == ["i2", "i0", "i3", "i1"]
    assert [each.instance_id for each in store.tenants_by_code("acme")] == ["i2", "i0", "i3", "i1"]
    found = store.applications("t", "app")
    assert [each.instance_id for each in found] == ["i2", "i0", "i3", "i1"]
    assert store.applications("t", "other") == []
    assert store.tenants("t2") == []


def test_a_tenant_is_found_by_the_code_it_has_now(tables):
    store = bindings(tables)
    store.put_tenant(said("old", 1))
    store.put_tenant(said("new", 2))
    assert store.tenants_by_code("old") == []
    assert [each.tenant_id for each in store.tenants_by_code("new")] == ["t"]


def test_ids_may_hold_what_separates_them(tables):
    store = bindings(tables)
    for tenant_id, instance in (("a#b", "c"), ("a", "b#c"), ("a%23b", "c")):
        store.put_tenant(SyncTenant(Tenant(instance, tenant_id, "x#y", "N", "https://a"), SyncTime(1, 1)))
    assert [(each.tenant_id, each.instance_id) for each in store.tenants("a#b")] == [("a#b", "c")]
    assert len(store.tenants_by_code("x#y")) == 3


def test_the_secret_is_sealed_and_survives_the_rotation_of_keys(tables):
    bindings(tables, OLD).put_application(SyncApplication(APPLICATION, SyncTime(1, 1)))
    bindings(tables, OLD).put_tenant(SyncTenant(TENANT, SyncTime(1, 1)))
    stored = json.dumps(list(tables.table("directory").query("tenant#t").items), ensure_ascii=False)
    assert "client" in stored
    assert "the-secret" not in stored
    assert "甲公司" not in stored
    assert bindings(tables, NEW, OLD).applications("t", None) == [APPLICATION]
    assert bindings(tables, NEW, OLD).tenants("t") == [TENANT]
    with pytest.raises(ConfigurationError):
        bindings(tables, NEW).applications("t", None)


def test_no_secret_is_in_a_repr():
    assert "the-secret" not in repr(APPLICATION)
    assert "甲公司" not in repr(TENANT)
