"""``singleOrgSync`` and ``allOrgSync``: departments come, move, are renamed, go, and come all at once."""

from typing import Any

import pytest

from tests.enterprise_calls import TENANT
from tests.world import World, together

SUCCESS = {"resultCode": "000000", "resultMsg": "success."}


def departments(world: World) -> dict[str, tuple[str, str, bool]]:
    found = world.app.directory.departments(TENANT, 1000).departments
    return {each.org_code: (each.org_name, each.parent_code, each.stale) for each in found}


@pytest.mark.every_entry
def test_a_department_is_added_renamed_moved_and_deleted(world, buyer):
    steps: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"flag": 1, "orgName": "开发"}, {"1": ("开发", "", False)}),
        ({"flag": 1, "orgName": "开发"}, {"1": ("开发", "", False)}),
        ({"flag": 2, "orgName": "研发"}, {"1": ("研发", "", False)}),
        ({"flag": 2, "orgName": "研发", "parentCode": "9"}, {"1": ("研发", "9", False)}),
        ({"flag": 0}, {}),
        ({"flag": 0}, {}),
        ({"flag": 0, "orgCode": "never there", "instanceId": "nobody"}, {}),
    ]
    for members, expected in steps:
        world.clock.advance(1)
        assert world.send(buyer.department("1", **members), buyer.key) == SUCCESS
        assert departments(world) == expected


def test_children_may_come_before_their_parents(world, buyer):
    for code, parent in (("3", "2"), ("2", "1"), ("1", "")):
        assert world.send(buyer.department(code, parent=parent), buyer.key) == SUCCESS
    [top] = world.app.directory.tree(TENANT)
    assert [(depth, each.org_code) for depth, each in top.walk()] == [(0, "1"), (1, "2"), (2, "3")]


def test_a_full_list_adds_and_marks_and_deletes_nothing(world, buyer):
    world.send(buyer.departments(("1", ""), ("2", "1"), ("3", "1")), buyer.key)
    world.clock.advance(1)
    world.send(buyer.department("4", parent="3"), buyer.key)
    world.clock.advance(1)
    request = buyer.departments(("1", ""), ("2", "1"), ("5", "unknown"))
    for _ in range(2):
        assert world.send(request, buyer.key) == SUCCESS
        assert {code: stale for code, (_, _, stale) in departments(world).items()} == {
            "1": False, "2": False, "3": True, "4": True, "5": False,
        }  # fmt: skip
    world.clock.advance(1)
    world.send(buyer.department("3", flag=2), buyer.key)
    assert departments(world)["3"] == ("部门 3", "", False)


def test_an_older_list_marks_nothing(world, buyer):
    old = buyer.departments(("1", ""), ("9", ""))
    world.clock.advance(1)
    world.send(buyer.departments(("1", ""), ("2", "1")), buyer.key)
    assert world.send(old, buyer.key) == SUCCESS
    assert {code: stale for code, (_, _, stale) in departments(world).items()} == {"1": False, "2": False, "9": True}


def test_an_empty_list_is_one(world, buyer):
    world.send(buyer.departments(("1", "")), buyer.key)
    world.clock.advance(1)
    assert world.send(buyer.departments(), buyer.key) == SUCCESS
    assert departments(world)["1"][2]


def test_at_once_in_any_order(world, buyer):
    requests = []
    for number in range(6):
        world.clock.advance(0.1)
        requests.append(buyer.department("1", f"name {number}", flag=0 if number == 3 else 2))
    requests.reverse()
    together(6, lambda number: world.send(requests[number], buyer.key))
    assert departments(world) == {"1": ("name 5", "", False)}


def test_a_debug_call_stores_nothing(world, buyer):
    assert world.send(buyer.department("1", testFlag=1), buyer.key) == SUCCESS
    assert world.send(buyer.departments(("1", ""), testFlag=1), buyer.key) == SUCCESS
    assert departments(world) == {}
