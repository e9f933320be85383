"""What becomes of a tenant's people when it is unbound: they do not count from then on, and are forgotten."""

import json
from datetime import timedelta

import pytest

from functions import directory, sweep
from shared.clock import Deadline
from shared.directory import AuthorisationStatus
from shared.http import HttpRequest
from tests.enterprise_calls import TENANT, TOKEN, Buyer, user
from tests.events import RUNTIMES
from tests.world import World

SUCCESS = {"resultCode": "000000", "resultMsg": "success."}
PERSONAL = {"mobile": "13912345678", "email": "zhang@acme.example"}


def send(world: World, buyer: Buyer, *requests: HttpRequest) -> None:
    for request in requests:
        assert world.send(request, buyer.key) == SUCCESS


def bind(world: World, buyer: Buyer, **members: str) -> None:
    world.clock.advance(1)
    people = [user("zhang", **PERSONAL), user("li")]
    send(
        world,
        buyer,
        buyer.tenant(**members),
        buyer.application(**members),
        buyer.departments(("1", ""), **members),
    )
    world.clock.advance(1)
    send(world, buyer, buyer.users(*people, **members))
    world.clock.advance(1)


def swept(world: World) -> None:
    sweep.sweep(world.app, {}, Deadline(world.clock, 60))


def served(world: World, path: str) -> dict[str, list[dict[str, str]]]:
    request = HttpRequest("GET", f"/saas/directory/{TENANT}/{path}", (), {"authorization": f"Bearer {TOKEN}"})
    platform = RUNTIMES[0]
    raw = directory.handler(platform.make_event(request), platform.make_context())
    answer: dict[str, list[dict[str, str]]] = json.loads(platform.read_answer(raw).body)
    return answer


def shown(world: World) -> list[str]:
    """The accounts that the application can read, by whatever way."""
    found = [each["userName"] for each in served(world, "users")["users"]]
    assert [each.user_name for each in world.app.directory.members(TENANT, "1").users] == sorted(found)
    assert [name for name in ("li", "zhang") if world.app.directory.user(TENANT, name)] == sorted(found)
    return sorted(found)


def stored(world: World) -> list[str]:
    """The places in the store where something of the tenant's people and departments stands."""
    table = world.tables.table("directory")
    kinds = [f"{kind}#{TENANT}#{shard}" for kind in ("members", "latest") for shard in range(4)]
    places = [*kinds, f"department#{TENANT}#1", f"departments#{TENANT}"]
    return [item["sk"] for place in places for item in table.query(place).items]


def test_they_are_served_no_more_at_once_and_forgotten_by_the_sweep(world, buyer, log_lines):
    bind(world, buyer)
    assert shown(world) == ["li", "zhang"]
    send(world, buyer, buyer.tenant(flag=0))
    assert shown(world) == []
    assert served(world, "departments") == {"departments": []}
    assert stored(world)
    swept(world)
    assert stored(world) == []
    assert world.app.directory.to_clear_up() == []
    assert [tenant.name for tenant in world.app.directory.tenants(TENANT)] == [""]
    assert log_lines("people of unbound tenants were forgotten")[0]["count"] > 0
    assert shown(world) == []


def test_a_setting_says_when(world, buyer):
    world.values["KOOGALLERY_FORGET_AFTER"] = str(7 * 86400)
    bind(world, buyer)
    send(world, buyer, buyer.tenant(flag=0))
    world.clock.advance(timedelta(days=6))
    swept(world)
    assert stored(world)
    assert shown(world) == []
    world.clock.advance(timedelta(days=2))
    swept(world)
    assert stored(world) == []


def test_whoever_is_bound_again_is_authorised_again(world, buyer):
    bind(world, buyer)
    send(world, buyer, buyer.tenant(flag=0))
    world.clock.advance(1)
    send(world, buyer, buyer.tenant(), buyer.departments(("1", "")))
    assert shown(world) == []
    world.clock.advance(1)
    send(world, buyer, buyer.users(user("li")))
    assert shown(world) == ["li"]
    swept(world)
    assert shown(world) == ["li"]
    assert not [sk for sk in stored(world) if sk.startswith("zhang")]
    assert served(world, "departments")["departments"]


def test_what_comes_late_is_not_stored_again(world, buyer, log_lines):
    bind(world, buyer)
    late = buyer.users(user("wang", **PERSONAL))
    world.clock.advance(1)
    send(world, buyer, buyer.tenant(flag=0))
    swept(world)
    send(world, buyer, late)
    assert stored(world) == []
    assert log_lines("older than what is known")[-1]["count"] == 1


def test_an_unbinding_that_comes_late_counts_as_of_its_time(world, buyer):
    bind(world, buyer)
    late = buyer.tenant(flag=0)
    bind(world, buyer)
    world.clock.advance(1)
    send(world, buyer, buyer.users(user("li", name="new")), late)
    assert not world.app.directory.tenants(TENANT)[0].deleted
    assert shown(world) == ["li", "zhang"]
    swept(world)
    assert shown(world) == ["li", "zhang"]
    assert world.app.directory.to_clear_up() == []


def test_other_instances_keep_theirs(world, buyer):
    bind(world, buyer)
    bind(world, buyer, instanceId="business-2")
    send(world, buyer, buyer.tenant(flag=0))
    swept(world)
    assert shown(world) == ["li", "zhang"]
    assert world.app.directory.user(TENANT, "zhang", "business-1") is None
    assert {each["orgCode"] for each in served(world, "departments")["departments"]} == {"1"}
    send(world, buyer, buyer.tenant(flag=0, instanceId="business-2"))
    swept(world)
    assert stored(world) == []


def test_a_large_enterprise_goes_in_several_runs(world, buyer, monkeypatch):
    monkeypatch.setattr("shared.directory.clearing_up.PORTION", 2)
    monkeypatch.setattr("shared.directory.clearing_up.PORTIONS", 2)
    bind(world, buyer)
    send(world, buyer, buyer.users(*(user(f"user-{number}") for number in range(7))))
    world.clock.advance(1)
    send(world, buyer, buyer.tenant(flag=0))
    left = []
    while world.app.directory.to_clear_up():
        swept(world)
        left.append(len([sk for sk in stored(world) if "#" in sk]))
        assert len(left) < 10
    assert left == sorted(left, reverse=True)
    assert len(left) > 2
    assert stored(world) == []


def test_a_sweep_without_time_leaves_it_for_the_next(world, buyer):
    bind(world, buyer)
    send(world, buyer, buyer.tenant(flag=0))
    sweep.sweep(world.app, {}, Deadline(world.clock, 0))
    assert stored(world)
    swept(world)
    assert stored(world) == []


def test_a_tenant_that_the_first_release_unbound(world, buyer):
    """It noted no time of the unbinding, and made no note for the sweep; a repeat of the call brings it."""
    bind(world, buyer)
    send(world, buyer, buyer.tenant(flag=0))
    table = world.tables.table("directory")
    for unbinding in world.app.directory.to_clear_up():
        table.delete_many([("unbound", f"{unbinding.tenant_id}#{unbinding.instance_id}#{unbinding.at_ms:013}")])
    item = table.get(f"tenant#{TENANT}", "tenant#business-1")
    assert item is not None
    del item["unbound_ms"]
    table.replace(item)
    assert shown(world) == []
    assert world.app.directory.tenants(TENANT)[0].unbound_ms > 0
    world.clock.advance(1)
    send(world, buyer, buyer.tenant(flag=0))
    swept(world)
    assert stored(world) == []


@pytest.mark.parametrize("state", [AuthorisationStatus.REVOKED, AuthorisationStatus.DELETED])
def test_what_is_said_after_the_unbinding_counts(world, buyer, state):
    bind(world, buyer)
    send(world, buyer, buyer.tenant(flag=0))
    world.clock.advance(1)
    send(
        world,
        buyer,
        buyer.users(user("zhang"), flag={AuthorisationStatus.REVOKED: 3, AuthorisationStatus.DELETED: 0}[state]),
    )
    found = world.app.directory.user(TENANT, "zhang")
    assert found is not None
    assert found.state is state
