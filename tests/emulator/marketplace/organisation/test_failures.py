"""What the seller did not take is marked, and sent again by hand; all of it outlives the process."""

import pytest

from emulator.marketplace.delivery.messages import Delivery, Message
from emulator.marketplace.organisation.documents import BindingStage
from tests.emulator.marketplace.organisation.buyers_side import NOWHERE, Side

KITS = pytest.mark.parametrize("kit", ["v1", "v2"])


def stage_of(buyers: Side, subscription_id: str) -> BindingStage:
    binding = buyers.market.organisation.repository.binding(subscription_id)
    assert binding is not None
    return binding.stage


@KITS
def test_a_binding_waits_for_its_restart(buyers: Side, kit: str) -> None:
    subscription = buyers.bought(kit)
    organisation, tenant_id = buyers.market.organisation, buyers.enterprise().id
    buyers.market.sender.target = NOWHERE
    organisation.bindings.bind(subscription.id)
    buyers.market.run_due()
    assert stage_of(buyers, subscription.id) is BindingStage.TENANT
    assert buyers.untold() == [("tenant", "")]
    assert organisation.notifier.retry(tenant_id) == 1
    buyers.market.run_due()
    assert stage_of(buyers, subscription.id) is BindingStage.TENANT
    buyers.market.sender.target = buyers.target
    organisation.departments.rename(tenant_id, "A09", "财务与法务部")
    assert organisation.notifier.retry(tenant_id) == 1
    assert buyers.differences() == []
    assert stage_of(buyers, subscription.id) is BindingStage.BOUND
    assert buyers.untold() == []
    assert buyers.sent("singleOrgSync") == [], "the list had it already"


@KITS
def test_what_was_not_taken_is_marked_until_it_is(buyers: Side, kit: str) -> None:
    subscription = buyers.bound(kit)
    organisation, tenant_id = buyers.market.organisation, buyers.enterprise().id
    organisation.members.authorise(subscription.id, ["zhang@acme", "li@acme"])
    assert buyers.differences() == []
    buyers.market.sender.target = NOWHERE
    organisation.members.enable(tenant_id, ["li@acme"], enabled=False)
    organisation.departments.add(tenant_id, "新组", "A02", code="X1")
    (user, department) = sorted(buyers.differences(), key=lambda each: each.key)[::-1]
    assert (user.key, user.expected, user.found) == ("li@acme", "enable false", "enable true")
    assert (department.key, department.expected, department.found) == ("X1", "新组 below A02", "")
    assert buyers.untold() == [("department", "X1"), ("user", "li@acme")]
    states = {each.message.state for each in organisation.notifier.untold(tenant_id)}
    assert states == {Delivery.GIVEN_UP}, "nobody tries again by itself"
    buyers.market.sender.target = buyers.target
    assert organisation.notifier.retry(tenant_id) == 2
    assert buyers.differences() == []
    assert buyers.untold() == []


@KITS
def test_an_old_word_sent_again_does_not_count(buyers: Side, kit: str) -> None:
    subscription = buyers.bound(kit)
    organisation, tenant_id = buyers.market.organisation, buyers.enterprise().id
    buyers.market.sender.target = NOWHERE
    organisation.departments.rename(tenant_id, "A09", "old")
    organisation.members.authorise(subscription.id, ["li@acme"])
    buyers.market.run_due()
    old = [each for each in buyers.market.database.all(Message, tenant_id) if each.state is Delivery.GIVEN_UP]
    buyers.market.sender.target = buyers.target
    organisation.departments.rename(tenant_id, "A09", "new")
    organisation.members.revoke(subscription.id, ["li@acme"])
    buyers.market.run_due()
    assert buyers.untold() == [], "what came later says it all"
    for message in old:
        buyers.market.deliveries.restart(message.id)
    assert buyers.differences() == []
    assert buyers.market.timeline.lines(limit=2)[0].code == "000000"


@KITS
def test_a_seller_who_refuses_stops_nothing_else(buyers: Side, kit: str) -> None:
    subscription = buyers.bound(kit)
    organisation, tenant_id = buyers.market.organisation, buyers.enterprise().id
    organisation.members.authorise(subscription.id, ["li@acme"])
    buyers.market.run_due()
    buyers.market.sender.target = NOWHERE
    buyers.market.shop.unsubscribe(subscription.id)
    buyers.market.run_due()
    assert stage_of(buyers, subscription.id) is BindingStage.BOUND, "the seller does not know yet"
    buyers.market.sender.target = buyers.target
    (release,) = (m for m in buyers.market.database.all(Message, subscription.id) if m.activity == "releaseInstance")
    buyers.market.deliveries.hurry(release.id)
    buyers.market.run_due()
    assert stage_of(buyers, subscription.id) is BindingStage.UNBOUND
    assert [each.deleted for each in buyers.app.directory.tenants(tenant_id)] == [True]


@KITS
def test_everything_is_there_after_a_restart(buyers: Side, kit: str) -> None:
    subscription = buyers.bought(kit)
    organisation, tenant_id = buyers.market.organisation, buyers.enterprise().id
    buyers.market.sender.target = NOWHERE
    organisation.bindings.bind(subscription.id)
    buyers.market.run_due()
    again = buyers.reopened()
    repository = again.market.organisation.repository
    assert stage_of(again, subscription.id) is BindingStage.TENANT
    assert again.untold() == [("tenant", "")]
    assert len(repository.employees(tenant_id)) == 20
    again.market.organisation.notifier.retry(tenant_id)
    assert again.differences() == []
    assert stage_of(again, subscription.id) is BindingStage.BOUND
    again.market.organisation.members.authorise(subscription.id, ["zhang@acme"])
    third = again.reopened()
    assert third.differences() == [], "what was waiting is sent"
    assert third.market.organisation.repository.employee(tenant_id, "zhang@acme").authorised == (subscription.id,)
    assert third.market.organisation.repository.enterprises() == register_of(again)
    third.market.close()


def register_of(buyers: Side) -> list[object]:
    names = ("acme", "northwind", "contoso")
    reopened = buyers.reopened()
    try:
        return [reopened.enterprise(name) for name in names]
    finally:
        reopened.market.close()
