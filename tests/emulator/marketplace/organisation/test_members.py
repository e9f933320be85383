"""Members and departments change in every way, in both kits: the bundle's directory equals its source each time."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from emulator.marketplace.market import Market
from emulator.marketplace.organisation.organisation import Organisation
from emulator.marketplace.storage.transactions import NotPossible
from tests.emulator.marketplace.organisation.buyers_side import Side

KITS = pytest.mark.parametrize("kit", ["v1", "v2"])
PAIR = ["zhang@acme", "li@acme"]


def told(body: Any) -> tuple[int, list[str]]:
    users = body["userList"]
    return body["flag"], [user["userName"] for user in (json.loads(users) if isinstance(users, str) else users)]


@KITS
def test_a_members_life(buyers: Side, kit: str) -> None:
    subscription = buyers.bound(kit)
    members, tenant_id = buyers.market.organisation.members, buyers.enterprise().id
    revoked = 3 if kit == "v2" else 0
    acts: list[tuple[Callable[[], object], int, tuple[str, str]]] = [
        (lambda: members.authorise(subscription.id, PAIR), 1, ("GRANTED", "True")),
        (lambda: members.enable(tenant_id, PAIR, enabled=False), 2, ("GRANTED", "False")),
        (lambda: members.enable(tenant_id, PAIR, enabled=True), 2, ("GRANTED", "True")),
        (
            lambda: members.revoke(subscription.id, PAIR),
            revoked,
            ("REVOKED" if revoked else "DELETED", str(revoked == 3)),
        ),
        (lambda: members.authorise(subscription.id, PAIR), 1, ("GRANTED", "True")),
        (lambda: members.remove(tenant_id, PAIR), 0, ("DELETED", "False")),
    ]
    for number, (act, flag, state) in enumerate(acts, 1):
        act()
        assert buyers.differences() == [], flag
        assert told(buyers.sent("authSync")[-1]) == (flag, PAIR)
        assert len(buyers.sent("authSync")) == number
        user = buyers.app.directory.user(tenant_id, "li@acme")
        assert user is not None
        assert (user.state.value, str(user.enabled)) == state
    assert buyers.untold() == []


@KITS
def test_what_changes_of_a_member(buyers: Side, kit: str) -> None:
    subscription = buyers.bound(kit)
    members, tenant_id = buyers.market.organisation.members, buyers.enterprise().id
    members.authorise(subscription.id, PAIR)
    changed = {"name": "Łukasz “Ł” 𠮷野 & Co=1", "role": "admin", "mobile": "13911112222", "employee_type": 4}
    members.change(tenant_id, "li@acme", **changed, entry_date="2020-2-29", position="")
    members.move(tenant_id, "li@acme", "A04")
    assert buyers.differences() == []
    user = buyers.app.directory.user(tenant_id, "li@acme")
    assert user is not None
    assert (user.name, user.role, user.org_code) == ("Łukasz “Ł” 𠮷野 & Co=1", "admin", "A04")
    assert (user.mobile, user.employee_type, user.entry_date) == ("13911112222", "4", "2020-2-29")
    assert [each.user_name for each in buyers.app.directory.members(tenant_id, "A04").users] == ["li@acme"]


@KITS
def test_who_is_not_authorised_is_not_spoken_of(buyers: Side, kit: str) -> None:
    buyers.bound(kit)
    members, tenant_id = buyers.market.organisation.members, buyers.enterprise().id
    members.add(tenant_id, "new@acme", "新人", "A05", role="admin")
    members.change(tenant_id, "li@acme", position="Boss")
    members.enable(tenant_id, ["li@acme"], enabled=False)
    members.remove(tenant_id, ["zhang@acme"])
    assert buyers.differences() == []
    assert buyers.sent("authSync") == []


def test_contacts_are_shared_only_where_the_buyer_agreed(buyers: Side) -> None:
    for name, account in (("acme", "zhang@acme"), ("contoso", "qian@contoso")):
        subscription = buyers.bound("v2", name)
        buyers.market.organisation.members.authorise(subscription.id, [account])
        assert buyers.differences(name) == []
    (shared,), (kept) = buyers.sent("authSync")[0]["userList"], buyers.sent("authSync")[1]["userList"][0]
    assert shared["mobile"]
    assert not {"mobile", "email"} & kept.keys()


def test_two_instances_of_one_enterprise(buyers: Side) -> None:
    one, two = buyers.bound("v1"), buyers.bound("v2")
    organisation, tenant_id = buyers.market.organisation, buyers.enterprise().id
    organisation.members.authorise(one.id, PAIR)
    organisation.members.authorise(two.id, ["li@acme"])
    organisation.members.change(tenant_id, "li@acme", position="Both")
    organisation.departments.rename(tenant_id, "A05", "网络与安全组")
    assert buyers.differences() == []
    assert len(buyers.sent("singleOrgSync")) == 2
    organisation.members.revoke(one.id, PAIR)
    assert buyers.differences() == []
    states = {user.user_name: user.state.value for user in buyers.app.directory.users(tenant_id).users}
    assert states == {"li@acme": "GRANTED", "zhang@acme": "DELETED"}
    buyers.market.shop.unsubscribe(two.id)
    assert buyers.differences() == []
    organisation.members.authorise(one.id, ["zhang@acme"])
    organisation.members.remove(tenant_id, PAIR)
    assert buyers.differences() == [], "what the released instance was told is not taken back"


@KITS
def test_who_joins_a_department_inherits(buyers: Side, kit: str) -> None:
    subscription = buyers.bound(kit)
    organisation, tenant_id = buyers.market.organisation, buyers.enterprise().id
    organisation.members.authorise_department(subscription.id, "A02")
    inside = organisation.repository.below(tenant_id, "A02")
    assert inside == {"A02", "A03", "A04", "A05", "A06"}
    expected = {each.user_name for each in organisation.repository.employees(tenant_id) if each.department in inside}
    organisation.members.add(tenant_id, "new@acme", "新人", "A05")
    organisation.members.add(tenant_id, "other@acme", "旁人", "A09")
    assert organisation.repository.employee(tenant_id, "zhang@acme").department == "A01"
    organisation.members.move(tenant_id, "zhang@acme", "A06")
    assert buyers.differences() == []
    users = buyers.app.directory.users(tenant_id).users
    assert {user.user_name for user in users} == expected | {"new@acme", "zhang@acme"}


@KITS
def test_departments(buyers: Side, kit: str) -> None:
    buyers.bound(kit)
    departments, tenant_id = buyers.market.organisation.departments, buyers.enterprise().id
    made = departments.add(tenant_id, "量子 “Q” & Ω 🛰", "A04")
    assert buyers.differences() == []
    departments.rename(tenant_id, made.code, "Quantité négligeable")
    assert buyers.differences() == []
    departments.move(tenant_id, made.code, "A09")
    departments.move(tenant_id, "A03", "")
    assert buyers.differences() == []
    found = {
        each.org_code: (each.org_name, each.parent_code)
        for each in buyers.app.directory.departments(tenant_id).departments
    }
    assert (found[made.code], found["A03"]) == (("Quantité négligeable", "A09"), ("平台部", ""))
    departments.delete(tenant_id, made.code)
    assert buyers.differences() == []
    departments.add(tenant_id, "wieder da", code=made.code)
    assert buyers.differences() == []
    assert [body["flag"] for body in buyers.sent("singleOrgSync")] == [1, 2, 2, 2, 0, 1]


@pytest.mark.parametrize(
    "act",
    [
        lambda o, t: o.departments.add(t, "平台部", "A02"),
        lambda o, t: o.departments.add(t, "Neu", "A02", code="A01"),
        lambda o, t: o.departments.add(t, "", "A02"),
        lambda o, t: o.departments.add(t, "x" * 129),
        lambda o, t: o.departments.rename(t, "A04", "网络组"),
        lambda o, t: o.departments.move(t, "A02", "A04"),
        lambda o, t: o.departments.move(t, "A02", "A02"),
        lambda o, t: o.departments.delete(t, "A02"),
        lambda o, t: o.members.add(t, "zhang@acme", "Again", "A01"),
        lambda o, t: o.members.add(t, "x" * 65, "Long", "A01"),
        lambda o, t: o.members.change(t, "zhang@acme", name=" "),
        lambda o, t: o.members.change(t, "zhang@acme", role="owner"),
    ],
)
def test_what_is_not_possible_changes_nothing(alone: Market, act: Callable[[Organisation, str], object]) -> None:
    organisation, repository = alone.organisation, alone.organisation.repository
    tenant_id = repository.enterprises()[0].id
    before = repository.departments(tenant_id), repository.employees(tenant_id)
    with pytest.raises(NotPossible):
        act(organisation, tenant_id)
    assert (repository.departments(tenant_id), repository.employees(tenant_id)) == before


@pytest.mark.parametrize(
    "act",
    [
        lambda o, t: o.departments.add(t, "Neu", "nowhere"),
        lambda o, t: o.departments.rename("no tenant", "A01", "Neu"),
        lambda o, t: o.members.add(t, "new@acme", "Neu", "nowhere"),
        lambda o, t: o.members.move(t, "zhang@acme", "nowhere"),
        lambda o, t: o.members.enable(t, ["nobody"], enabled=False),
        lambda o, t: (o.members.remove(t, ["zhang@acme"]), o.members.remove(t, ["zhang@acme"])),
    ],
)
def test_what_is_not_there(alone: Market, act: Callable[[Organisation, str], object]) -> None:
    with pytest.raises(KeyError):
        act(alone.organisation, alone.organisation.repository.enterprises()[0].id)


def test_only_a_members_profile_is_changed_by_name(alone: Market) -> None:
    tenant_id = alone.organisation.repository.enterprises()[0].id
    with pytest.raises(TypeError, match="authorised"):
        alone.organisation.members.change(tenant_id, "zhang@acme", authorised=("x",))
