"""``tenantSync``: bound, changed, unbound, in any order."""

import pytest

from tests.enterprise_calls import TENANT, V2, Buyer
from tests.world import World

SUCCESS = {"resultCode": "000000", "resultMsg": "success."}


def tenants(world: World) -> list[tuple[str, str, bool]]:
    return [(each.name, each.domain, each.deleted) for each in world.app.directory.tenants(TENANT)]


@pytest.mark.every_entry
def test_an_enterprise_is_bound_changed_and_unbound(world, buyer):
    for flag, name in ((1, "甲公司"), (1, "甲公司"), (2, "乙公司"), (0, "乙公司"), (0, "乙公司")):
        world.clock.advance(1)
        assert world.send(buyer.tenant(flag=flag, name=name), buyer.key) == SUCCESS
        assert tenants(world) == [(name if flag else "", "https://acme.tenant.example.com", flag == 0)]


def test_an_unknown_enterprise_is_unbound_without_a_question(world, buyer):
    assert world.send(buyer.tenant(flag=0, instanceId="nobody"), buyer.key) == SUCCESS


def test_what_is_older_changes_nothing_and_succeeds(world, buyer, log_lines):
    old = buyer.tenant(name="old")
    world.clock.advance(5)
    world.send(buyer.tenant(name="new"), buyer.key)
    assert world.send(old, buyer.key) == SUCCESS
    assert [name for name, _, _ in tenants(world)] == ["new"]
    [line] = log_lines("older than what is known")
    assert line["instance_id"] == "business-1"


def test_instances_may_share_an_enterprise(world, buyer):
    world.send(buyer.tenant(), buyer.key)
    world.send(buyer.tenant(instanceId="business-2"), buyer.key)
    world.clock.advance(1)
    world.send(buyer.tenant(instanceId="business-1", flag=0), buyer.key)
    found = world.app.directory.tenants(TENANT)
    assert [(each.instance_id, each.deleted) for each in found] == [("business-2", False), ("business-1", True)]


def test_the_sellers_own_enterprise_has_no_instance(world, buyer):
    assert world.send(buyer.tenant(instanceId="", orderId=""), buyer.key) == SUCCESS
    assert [each.instance_id for each in world.app.directory.tenants(TENANT)] == [""]


def test_a_debug_call_stores_nothing(world, buyer):
    request = buyer.tenant(testFlag=1, domainName="anything")
    assert world.send(request, buyer.key) == SUCCESS
    assert world.send(request, buyer.key) == SUCCESS
    assert tenants(world) == []
    assert {table for table, _ in world.tables.calls} <= {"idempotency", "directory"}


def test_unbinding_ends_sessions_each_time(world, buyer):
    world.send(buyer.tenant(), buyer.key)
    world.clock.advance(1)
    for _ in range(2):
        before = world.tables.calls["sessions", "put_many"]
        world.send(buyer.tenant(flag=0), buyer.key)
        assert world.tables.calls["sessions", "put_many"] == before + 1


def test_a_call_that_came_twice_and_one_whose_nonce_did(world):
    buyer = Buyer(world.clock, V2)
    request = buyer.tenant()
    assert [world.send(request, buyer.key)["resultCode"] for _ in range(2)] == ["000000", "000000"]
    elsewhere = request.__class__(
        "POST", request.path.replace("tenant", "singleOrg"), (), request.headers, request.body
    )
    assert world.send(elsewhere, buyer.key)["resultCode"] in ("000001", "000002")


@pytest.mark.parametrize("flag", [3, "x", None])
def test_what_is_wrong_has_its_code(world, buyer, flag):
    assert world.send(buyer.tenant(flag=flag), buyer.key)["resultCode"] == "000002"
    assert tenants(world) == []
