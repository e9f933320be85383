"""The directory over HTTP, on every platform."""

import json
from pathlib import Path
from typing import Any

import pytest

from functions import directory
from shared.http import HttpRequest
from tests.enterprise_calls import TENANT, TOKEN, Buyer, sync_settings, user
from tests.events import RUNTIMES, Platform
from tests.world import World

BEARER = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A bundle that knows an enterprise."""
    world = World(tmp_path, sync_settings())
    buyer = Buyer(world.clock)
    more = {"position": "boss", "mobile": "138", "extension": {"entryDate": "2022-11-9"}}
    people = [user(f"用户{number}", orgCode=str(number % 2)) for number in range(5)]
    for request in (
        buyer.departments(("1", ""), ("2", "1"), ("3", "1")),
        buyer.users(*people, user("admin", role="admin", orgCode="0", **more)),
    ):
        assert world.send(request, buyer.key)["resultCode"] == "000000"
    world.clock.advance(1)
    for request in (buyer.department("2", flag=0), buyer.users(user("用户4", orgCode="0"), flag=3)):
        assert world.send(request, buyer.key)["resultCode"] == "000000"
    return world


@pytest.fixture(params=RUNTIMES, ids=lambda platform: platform.name)
def ask(request: pytest.FixtureRequest, world: World) -> Any:
    """Asks for a path; status and members of the answer."""
    platform: Platform = request.param

    def asked(path: str, headers: dict[str, str] = BEARER, method: str = "GET", **query: str) -> tuple[int, Any]:
        sent = HttpRequest(method, f"/saas/directory/{path}", tuple(query.items()), headers)
        raw = directory.handler(platform.make_event(sent), platform.make_context())
        response = platform.read_answer(raw)
        assert response.headers["Content-Type"] == "application/json"
        return response.status, json.loads(response.body)

    return asked


def test_departments(ask):
    status, members = ask(f"{TENANT}/departments")
    assert status == 200
    assert members == {
        "departments": [
            {"orgCode": "1", "orgName": "部门 1", "parentCode": "", "stale": False},
            {"orgCode": "3", "orgName": "部门 3", "parentCode": "1", "stale": False},
        ]
    }


def test_users_with_everything_that_is_known(ask):
    status, members = ask(f"{TENANT}/users")
    assert status == 200
    assert set(members) == {"users"}
    found = {each["userName"]: each for each in members["users"]}
    assert len(found) == 6
    assert found["用户4"]["state"] == "REVOKED"
    assert found["用户1"] == {
        "userName": "用户1", "name": "名 用户1", "orgCode": "1", "role": "user", "enabled": True, "state": "GRANTED",
    }  # fmt: skip
    assert found["admin"] == {
        "userName": "admin", "name": "名 admin", "orgCode": "0", "role": "admin", "enabled": True, "state": "GRANTED",
        "position": "boss", "mobile": "138", "entryDate": "2022-11-9", "extension": '{"entryDate":"2022-11-9"}',
    }  # fmt: skip


PARTS: dict[str, tuple[str, dict[str, str], int]] = {
    "departments": ("departments", {}, 2),
    "users": ("users", {}, 6),
    "users of a department": ("users", {"orgCode": "1"}, 2),
}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("limit", ["1", "2", "1000"])
def test_pages(ask, part, limit):
    path, query, total = PARTS[part]
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        status, members = ask(f"{TENANT}/{path}", limit=limit, **query, **after)
        assert status == 200
        assert len(members[path]) <= int(limit)
        found += [each.get("userName") or each["orgCode"] for each in members[path]]
        if "next" not in members:
            break
        after = {"next": members["next"]}
    assert len(found) == len(set(found)) == total


def test_a_tenant_nobody_knows_has_nothing(ask):
    assert ask("nobody/users") == (200, {"users": []})
    assert ask("nobody/departments") == (200, {"departments": []})


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}])
def test_only_the_application_may_ask(ask, world, headers):
    world.tables.reset()
    status, _ = ask(f"{TENANT}/users", headers)
    assert status == 401
    assert world.tables.total == 0


@pytest.mark.parametrize("path", ["", TENANT, f"{TENANT}/tenants", f"{TENANT}/users/zhang", "/users"])
def test_other_paths(ask, path):
    assert ask(path)[0] == 400


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "1001"}, {"limit": "-1"}, {"limit": "x"}, {"limit": "１"}])
def test_limits(ask, query):
    status, members = ask(f"{TENANT}/users", **query)
    assert (status, members) == (400, {"error": "limit must be a whole number from 1 to 1000"})


def test_a_place_that_was_never_given_out(ask):
    assert ask(f"{TENANT}/users", next="x")[0] == 400


def test_only_reading(ask):
    assert ask(f"{TENANT}/users", method="POST")[0] == 405


LONG = {"path": "a" * 3000, "Chinese": "租" * 700, "surrogates": "%ED%A0%80" * 700}


@pytest.mark.parametrize("tenant_id", LONG.values(), ids=LONG)
@pytest.mark.parametrize("what", ["departments", "users"])
def test_an_id_that_no_tenant_can_have(ask, log_lines, tenant_id, what):
    assert ask(f"{tenant_id}/{what}")[0] == 400
    assert not [line for line in log_lines() if line["level"] == "ERROR"]


@pytest.mark.parametrize(
    ("what", "query"),
    [
        ("users", {"orgCode": "a" * 3000}),
        ("users", {"next": "0." + "a" * 3000}),
        ("users", {"orgCode": "1", "next": "a" * 3000}),
    ],
)
def test_a_place_that_cannot_be(ask, log_lines, what, query):
    assert ask(f"{TENANT}/{what}", **query)[0] == 400
    assert not [line for line in log_lines() if line["level"] == "ERROR"]
