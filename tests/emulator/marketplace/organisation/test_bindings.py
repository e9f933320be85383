"""An application is bound to an enterprise and taken back, in both kits, before the real bundle."""

import json
from dataclasses import replace

import pytest

from emulator.keys import Keys
from emulator.marketplace.market import Market
from emulator.marketplace.organisation.documents import BindingStage, Credential
from emulator.marketplace.storage.call_filter import Filter
from emulator.marketplace.storage.transactions import NotPossible
from emulator.marketplace.subscriptions.buyers import Customer
from tests.emulator.marketplace.organisation.buyers_side import DOMAIN, NOWHERE, Side

KITS = pytest.mark.parametrize("kit", ["v1", "v2"])
STEPS = ["tenantSync", "applicationSync", "allOrgSync"]


def activities(buyers: Side) -> list[str]:
    return [line.activity for line in reversed(buyers.market.timeline.lines(Filter(family="sync"), limit=100))]


@KITS
def test_the_seller_is_told_step_by_step(buyers: Side, kit: str) -> None:
    subscription = buyers.bound(kit)
    enterprise, directory = buyers.enterprise(), buyers.app.directory
    assert activities(buyers) == STEPS
    assert buyers.differences() == []
    (tenant,) = directory.tenants(enterprise.id)
    application = directory.application(enterprise.id, "development-application")
    assert (tenant.instance_id, tenant.name, tenant.tenant_code) == (subscription.instance_id, enterprise.name, "acme")
    assert (tenant.domain, tenant.order_id) == (DOMAIN, subscription.order_id)
    assert application is not None
    assert (application.client_id, application.client_secret) == (enterprise.client_id, enterprise.client_secret)
    assert [each.department.org_code for each in directory.tree(enterprise.id)] == ["A01"]
    assert max(depth for top in directory.tree(enterprise.id) for depth, _ in top.walk()) == 3


def test_the_form_of_each_version(buyers: Side) -> None:
    first, second = buyers.bound("v1"), buyers.bound("v2")
    members = buyers.market.organisation.members
    for subscription in (first, second):
        members.authorise(subscription.id, ["zhang@acme"])
    buyers.market.run_due()
    one, two = buyers.sent("allOrgSync")
    assert json.loads(one["orgInfo"])[0] == {"orgCode": "A01", "name": "总部", "parentCode": ""}
    assert two["orgInfoList"][0] == {"orgCode": "A01", "orgName": "总部", "parentCode": ""}
    one, two = buyers.sent("authSync")
    (user,) = json.loads(one["userList"])
    assert user["extension"] == {"employeeType": "1", "workPlace": "杭州", "entryDate": "2022-1-1"}
    assert "workPlace" not in user
    (user,) = two["userList"]
    assert (user["employeeType"], user["entryDate"], user["enable"], user["role"]) == (1, "2022-1-1", "true", "admin")
    assert all(len(each["currentSyncTime"]) == 17 for each in (one, two))
    assert buyers.differences() == []


@KITS
def test_a_released_instance_is_unbound(buyers: Side, kit: str) -> None:
    subscription = buyers.bound(kit)
    organisation, enterprise = buyers.market.organisation, buyers.enterprise()
    organisation.members.authorise(subscription.id, ["zhang@acme"])
    buyers.market.run_due()
    buyers.market.shop.unsubscribe(subscription.id)
    buyers.market.run_due()
    lines = [line.activity for line in reversed(buyers.market.timeline.lines(limit=100)) if line.direction == "out"]
    assert lines[-3:] == ["releaseInstance", "applicationSync", "tenantSync"]
    assert [body["flag"] for body in buyers.sent("tenantSync")] == [1, 0]
    assert [each.deleted for each in buyers.app.directory.tenants(enterprise.id)] == [True]
    binding = organisation.repository.binding(subscription.id)
    assert binding is not None
    assert binding.stage is BindingStage.UNBOUND
    assert organisation.repository.employee(enterprise.id, "zhang@acme").authorised == ()
    assert buyers.differences() == [], "nobody has revoked what was granted"
    with pytest.raises(NotPossible, match="released"):
        organisation.bindings.bind(subscription.id)


@KITS
def test_unbound_by_hand_and_bound_to_another_enterprise(buyers: Side, kit: str) -> None:
    subscription = buyers.bound(kit)
    organisation = buyers.market.organisation
    other = organisation.enterprises.found(buyers.customer().id, "acme-2", "Acme “Zwei” & Söhne")
    organisation.departments.add(other.id, "Vertrieb", code="V")
    with pytest.raises(NotPossible, match="bound"):
        organisation.bindings.bind(subscription.id, other.id)
    organisation.bindings.unbind(subscription.id)
    assert organisation.bindings.unbind(subscription.id) is None, "it is on its way"
    buyers.market.run_due()
    organisation.bindings.bind(subscription.id, other.id)
    buyers.market.run_due()
    (tenant,) = buyers.app.directory.tenants(other.id)
    assert (tenant.deleted, tenant.name) == (False, "Acme “Zwei” & Söhne")
    assert [each.department.org_code for each in buyers.app.directory.tree(other.id)] == ["V"]


@KITS
def test_everything_again(buyers: Side, kit: str) -> None:
    subscription = buyers.bound(kit)
    buyers.market.organisation.bindings.again(subscription.id)
    assert buyers.differences() == []
    assert activities(buyers) == STEPS * 2


@KITS
def test_what_changes_of_an_enterprise(buyers: Side, kit: str) -> None:
    buyers.bound(kit)
    organisation, tenant_id = buyers.market.organisation, buyers.enterprise().id
    organisation.enterprises.rename(tenant_id, "新名字 Ñandú 🦩")
    secret = organisation.bindings.renew_client(tenant_id).client_secret
    organisation.adopt(Credential("development-application", "https://isv.example/callback", "https://moved.example"))
    buyers.market.run_due()
    (tenant,) = buyers.app.directory.tenants(tenant_id)
    application = buyers.app.directory.application(tenant_id, "development-application")
    assert (tenant.name, tenant.domain) == ("新名字 Ñandú 🦩", "https://moved.example")
    assert application is not None
    assert application.client_secret == secret
    flag = 2 if kit == "v2" else 1
    assert [body["flag"] for body in buyers.sent("tenantSync")] == [1, flag, flag]
    assert [body["flag"] for body in buyers.sent("applicationSync")] == [1, flag]


@KITS
def test_dissolving(buyers: Side, kit: str) -> None:
    subscription = buyers.bound(kit)
    organisation, tenant_id = buyers.market.organisation, buyers.enterprise().id
    organisation.members.authorise(subscription.id, ["zhang@acme", "li@acme"])
    buyers.market.run_due()
    organisation.dissolve(tenant_id)
    buyers.market.run_due()
    directory = buyers.app.directory
    assert directory.tree(tenant_id) == []
    assert directory.users(tenant_id).users == []
    assert [each.deleted for each in directory.tenants(tenant_id)] == [True]
    assert organisation.notifier.untold(tenant_id) == []
    assert organisation.repository.enterprises(buyers.customer().id) == []
    with pytest.raises(KeyError):
        organisation.enterprises.rename(tenant_id, "again")


def test_what_cannot_be_bound(buyers: Side) -> None:
    organisation, shop = buyers.market.organisation, buyers.market.shop
    other = shop.buy(buyers.customer().id, "monthly-v1")
    buyers.market.run_due()
    with pytest.raises(NotPossible, match="cannot be bound"):
        organisation.bindings.bind(other.id)
    subscription = buyers.bought("v2")
    with pytest.raises(NotPossible, match="another customer"):
        organisation.bindings.bind(subscription.id, buyers.enterprise("contoso").id)
    with pytest.raises(NotPossible, match="not bound"):
        organisation.members.authorise(subscription.id, ["zhang@acme"])
    organisation.dissolve(buyers.enterprise().id)
    with pytest.raises(NotPossible, match="no enterprise"):
        organisation.bindings.bind(subscription.id)


def test_without_the_keys_nothing_is_bound(buyers: Side) -> None:
    subscription = buyers.bound("v1")
    buyers.market.organisation.bindings.unbind(subscription.id)
    buyers.market.run_due()
    plans, keys = buyers.plans, buyers.plans.keys
    for poor in (Keys(sync_key=keys.sync_key, rsa_public_key=keys.rsa_public_key), Keys(key=keys.key)):
        market = Market(replace(plans, keys=poor, target=NOWHERE))
        with pytest.raises(NotPossible, match="key"):
            market.organisation.bindings.bind(subscription.id)
        market.close()


def test_codes_of_enterprises_are_their_own(alone: Market) -> None:
    enterprises, customer = alone.organisation.enterprises, alone.database.all(Customer)[0].id
    for code, name in (("contoso", "Twice"), ("", "None"), ("new", " "), ("x" * 65, "Long"), ("new", "x" * 256)):
        with pytest.raises(NotPossible):
            enterprises.found(customer, code, name)
    with pytest.raises(KeyError):
        enterprises.found("nobody", "new", "New")
