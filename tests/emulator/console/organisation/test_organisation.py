"""The organisation's page: every act, what the seller is told of it, and whether its side holds the same."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from emulator.console.organisation.tree import tree
from emulator.marketplace.organisation.documents import BindingStage, Employee, Enterprise, EnterpriseDepartment
from emulator.marketplace.organisation.repository import OrganisationRepository
from emulator.marketplace.subscriptions.subscription import Subscription
from tests.emulator.console.world import ConsoleWorld
from tests.emulator.console.world import world as make_world

CALLS = re.compile(r'href="/calls/\d+" hx-boost="false">(\w+)</a> <span class="dim">#')
SAME, DIFFERS = "the seller's side holds the same", " at the seller"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with make_world(tmp_path) as made:
        yield made


@pytest.fixture
def tenant(world: ConsoleWorld) -> Enterprise:
    return world.market.organisation.repository.enterprises(world.customer.id)[0]


@pytest.fixture
def repository(world: ConsoleWorld) -> OrganisationRepository:
    return world.market.organisation.repository


@pytest.fixture(params=["yearly-v1", "yearly-v2"])
def bound(world: ConsoleWorld, tenant: Enterprise, request: pytest.FixtureRequest) -> Subscription:
    """What was bought, bound."""
    mine = world.bought(request.param)
    page = acted(world, tenant, f"bindings/{mine.id}/bind")
    assert CALLS.findall(page) == ["tenantSync", "applicationSync", "allOrgSync"]
    assert SAME in page
    return mine


def acted(world: ConsoleWorld, tenant: Enterprise, path: str, **form: str) -> str:
    """The page after a click."""
    response = world.client.post(f"/organisation/{tenant.id}/{path}", data=form, follow_redirects=True)
    assert response.status_code in (200, 422)
    return unescape(response.text)


def employee(repository: OrganisationRepository, tenant: Enterprise, place: int = 1) -> Employee:
    return repository.employees(tenant.id)[place]


def top(repository: OrganisationRepository, tenant: Enterprise) -> EnterpriseDepartment:
    return next(each for each in repository.departments(tenant.id) if not each.parent)


def test_before_anything_is_bound(world: ConsoleWorld, tenant: Enterprise) -> None:
    page = world.client.get("/organisation").text
    assert tenant.name in page
    assert "nothing is bound" in page
    assert "Nothing to bind" in page


def test_bind_and_unbind(
    world: ConsoleWorld, tenant: Enterprise, bound: Subscription, repository: OrganisationRepository
) -> None:
    page = acted(world, tenant, f"bindings/{bound.id}/unbind")
    assert CALLS.findall(page) == ["applicationSync", "tenantSync"]
    binding = repository.binding(bound.id)
    assert binding
    assert binding.stage is BindingStage.UNBOUND


def test_everything_once_more(world: ConsoleWorld, tenant: Enterprise, bound: Subscription) -> None:
    page = acted(world, tenant, f"bindings/{bound.id}/sync")
    assert CALLS.findall(page) == ["tenantSync", "applicationSync", "allOrgSync"]
    assert SAME in page


def test_departments(
    world: ConsoleWorld, tenant: Enterprise, bound: Subscription, repository: OrganisationRepository
) -> None:
    page = acted(world, tenant, "add-department", name="Laboratory", code="LAB")
    assert CALLS.findall(page) == ["singleOrgSync"]
    assert SAME in page
    parent = top(repository, tenant).code
    acted(world, tenant, "departments/LAB/rename", name="Works")
    page = acted(world, tenant, "departments/LAB/move", parent=parent, chosen="LAB")
    assert SAME in page
    assert 'aria-current="true">Works</a>' in page, "it is still chosen"
    moved = repository.department(tenant.id, "LAB")
    assert (moved.name, moved.parent) == ("Works", parent)
    page = acted(world, tenant, "departments/LAB/delete", chosen="LAB")
    assert CALLS.findall(page) == ["singleOrgSync"]
    assert SAME in page
    assert "LAB" not in {each.code for each in repository.departments(tenant.id)}


def test_members(
    world: ConsoleWorld, tenant: Enterprise, bound: Subscription, repository: OrganisationRepository
) -> None:
    code = top(repository, tenant).code
    fields = {"account": "new@acme", "name": "New One", "department": code, "role": "admin"}
    assert "New One" in acted(world, tenant, "add-member", **fields)
    for act, form in (
        ("authorise", {"subscription": bound.id}),
        ("role", {"role": "user"}),
        ("disable", {}),
        ("enable", {}),
        ("move", {"department": repository.departments(tenant.id)[1].code}),
        ("revoke", {"subscription": bound.id}),
        ("authorise", {"subscription": bound.id}),
        ("remove", {}),
    ):
        page = acted(world, tenant, f"members/new@acme/{act}", **form)
        assert CALLS.findall(page)[:1] == ["authSync"], act
        assert SAME in page, act
    with pytest.raises(KeyError):
        repository.employee(tenant.id, "new@acme")


def test_a_whole_department_is_authorised(
    world: ConsoleWorld, tenant: Enterprise, bound: Subscription, repository: OrganisationRepository
) -> None:
    page = acted(world, tenant, f"departments/{top(repository, tenant).code}/authorise", subscription=bound.id)
    assert CALLS.findall(page) == ["authSync"]
    assert all(bound.id in each.authorised for each in repository.employees(tenant.id))
    assert SAME in page


def test_the_enterprise_itself(
    world: ConsoleWorld, tenant: Enterprise, bound: Subscription, repository: OrganisationRepository
) -> None:
    assert CALLS.findall(acted(world, tenant, "rename", name="Acme Renamed")) == ["tenantSync"]
    assert repository.enterprise(tenant.id).name == "Acme Renamed"
    assert CALLS.findall(acted(world, tenant, "renew-client")) == ["applicationSync"]
    acted(world, tenant, "dissolve")
    assert tenant.id not in {each.id for each in repository.enterprises()}


def test_a_new_enterprise(world: ConsoleWorld, repository: OrganisationRepository) -> None:
    form = {"customer": world.customer.id, "code": "second", "name": "Second Ltd"}
    page = world.client.post("/organisation", data=form, follow_redirects=True).text
    assert "Second Ltd" in page
    again = world.client.post("/organisation", data=form, follow_redirects=True).text
    assert "That code is taken." in again


def test_no_enterprise_at_all(world: ConsoleWorld, repository: OrganisationRepository) -> None:
    for each in repository.enterprises():
        acted(world, each, "dissolve")
    assert "There is no enterprise" in world.client.get("/organisation").text


def test_what_the_seller_did_not_hear_is_red(
    world: ConsoleWorld, tenant: Enterprise, bound: Subscription, repository: OrganisationRepository
) -> None:
    world.refuse()
    page = acted(world, tenant, "add-department", name="Unheard", code="UNHEARD")
    assert f"1 difference{DIFFERS}" in page
    assert "Not accepted by the seller" in page
    assert re.search(r"<code>UNHEARD</code></td><td>Unheard below -</td><td class=\"bad\">not there", page)
    page = acted(world, tenant, "retry")
    assert SAME in page
    assert "Not accepted by the seller" not in page


def test_a_member_who_differs_is_marked(
    world: ConsoleWorld, tenant: Enterprise, bound: Subscription, repository: OrganisationRepository
) -> None:
    user = employee(repository, tenant).user_name
    acted(world, tenant, f"members/{user}/authorise", subscription=bound.id)
    world.refuse()
    page = acted(world, tenant, f"members/{user}/disable")
    row = page.partition(f'<tr id="m-{user}">')[2].partition("</tr>")[0]
    assert 'class="verdict failed">differs' in row
    assert "enable true" in page.partition("Where the seller")[2]


@pytest.mark.parametrize(
    ("path", "form", "why"),
    [
        ("add-department", {"name": " "}, "Something is empty"),
        ("add-department", {"name": "x" * 129}, "Something is too long"),
        ("departments/{top}/move", {"parent": "{below}"}, "cannot stand below itself"),
        ("departments/{top}/delete", {}, "Departments or members are in it"),
        ("departments/{below}/authorise", {"subscription": "none"}, "not bound yet"),
        ("departments/none/rename", {"name": "x"}, "not there any more"),
        ("add-member", {"account": "{user}", "name": "x", "department": "{top}"}, "has that account"),
        ("add-member", {"account": "y", "name": "x", "department": "{top}", "role": "boss"}, "user or administrator"),
        ("members/{user}/authorise", {"subscription": "none"}, "not bound yet"),
        ("members/nobody/disable", {}, "not there any more"),
        ("bindings/{once}/bind", {}, "cannot be bound"),
        ("bindings/none/bind", {}, "not there any more"),
        ("bindings/{once}/sync", {}, "not bound yet"),
    ],
)
def test_refusals(world: ConsoleWorld, tenant: Enterprise, path: str, form: dict[str, str], why: str) -> None:
    repository = world.market.organisation.repository
    above = top(repository, tenant)
    names = {
        "top": above.code,
        "below": next(each.code for each in repository.departments(tenant.id) if each.parent == above.code),
        "user": employee(repository, tenant).user_name,
        "once": world.bought("one-time-v1").id,
    }
    filled = {name: value.format(**names) for name, value in form.items()}
    assert why in acted(world, tenant, path.format(**names), **filled)


@pytest.mark.parametrize("path", ["fly", "departments/x/fly", "members/x/fly", "bindings/x/fly"])
def test_no_such_act(world: ConsoleWorld, tenant: Enterprise, path: str) -> None:
    assert world.client.post(f"/organisation/{tenant.id}/{path}").status_code == 404


def test_without_a_directory(world: ConsoleWorld, tenant: Enterprise, bound: Subscription) -> None:
    world.refuse(2)
    assert "cannot be read: departments: status 503" in world.client.get("/organisation").text
    world.answers.clear()
    world.context.application = None
    assert "out of reach" in world.client.get("/organisation").text


def test_members_of_a_department_and_below(
    world: ConsoleWorld, tenant: Enterprise, repository: OrganisationRepository
) -> None:
    leaf = repository.departments(tenant.id)[-1]
    page = world.client.get(f"/organisation?tenant={tenant.id}&department={leaf.code}").text
    shown = re.findall(r'<tr id="m-([^"]+)">', page)
    assert shown == [each.user_name for each in repository.employees(tenant.id) if each.department == leaf.code]
    everybody = world.client.get(f"/organisation?department={top(repository, tenant).code}").text
    assert len(re.findall(r'<tr id="m-', everybody)) == len(repository.employees(tenant.id))


def test_the_tree() -> None:
    def department(code: str, parent: str = "") -> EnterpriseDepartment:
        return EnterpriseDepartment(id=code, tenant_id="t", code=code, name=code, parent=parent)

    found = tree([department("a"), department("b", "a"), department("c", "b"), department("d", "gone")], [])
    assert [branch.department.code for branch in found] == ["a", "d"]
    assert found[0].below[0].below[0].department.code == "c"


def test_in_chinese(world: ConsoleWorld) -> None:
    assert "组织" in world.client.get("/organisation?lang=zh").text
