"""Lets the members of enterprises log in: the sign-in server knows them as the marketplace has them on file."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulator.marketplace.catalogue.products import ListedProduct
from emulator.marketplace.delivery.messages import Delivery, Message, Purpose
from emulator.marketplace.organisation.documents import Binding, BindingStage, Employee, Enterprise
from emulator.marketplace.organisation.organisation import Organisation
from emulator.marketplace.storage.transactions import NotPossible
from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from emulator.sign_in.enterprise import Member, SignInEnterprise
from emulator.sign_in.grants import Who

if TYPE_CHECKING:
    from emulator.marketplace.market import Market
    from emulator.sign_in.server import Identity

_FIRST = 2
"""Members who may use what :func:`prepare_login` binds."""


@dataclass(frozen=True, slots=True)
class LoginAccount:
    """Somebody who can log in to the seller's application. Account and password are made up."""

    user_name: str
    password: str = field(repr=False)
    name: str
    enterprise: str


def connect(organisation: Organisation, identity: "Identity") -> None:
    """Let a sign-in server know the enterprises that something was ever bound to, and hear of each change. What it gave
    out to members who are gone counts no more.
    """

    def changed(tenant_id: str) -> None:
        before, after = identity.enterprises.get(tenant_id), _known(organisation, tenant_id)
        if after is None:
            return
        for gone in (before.members.keys() if before else set()) - after.members.keys():
            identity.api.forget(Who(tenant_id, gone))
        identity.add(after)

    for enterprise in organisation.repository.enterprises():
        changed(enterprise.id)
    organisation.repository.changed = changed


def _known(organisation: Organisation, tenant_id: str) -> SignInEnterprise | None:
    """An enterprise as the sign-in server sees it; ``None`` if nothing was ever bound to it."""
    repository = organisation.repository
    bindings = repository.bindings(tenant_id)
    enterprise = repository.database.the(Enterprise, tenant_id)
    if not bindings or enterprise.dissolved:
        return None
    known = SignInEnterprise(
        tenant_id=enterprise.id,
        name=enterprise.name,
        callback=organisation.notifier.credential.callback,
        client_id=enterprise.client_id,
        client_secret=enterprise.client_secret,
    )
    for employee in repository.employees(tenant_id):
        known.add(_member(employee, bindings))
    return known


def login_accounts(
    market: "Market", counts: Callable[[str], bool] = lambda _subscription_id: True
) -> list[LoginAccount]:
    """Those who can log in now: enabled, and authorised for something that is bound and ``counts``."""
    repository = market.organisation.repository
    return [
        LoginAccount(each.user_name, each.password, each.name, enterprise.name)
        for enterprise in repository.enterprises()
        for bound in [{binding.id for binding in repository.bound(enterprise.id) if counts(binding.id)}]
        for each in repository.employees(enterprise.id)
        if each.enabled and bound.intersection(each.authorised)
    ]


def prepare_login(
    market: "Market", product_id: str = "yearly-v2", wait: Callable[[], bool] = lambda: False
) -> list[LoginAccount]:
    """Let somebody be able to log in: if nobody can, the first customer buys a product in joint operation, unless they
    have one, binds it to its enterprise, and authorises two members. Calls the seller.

    :param wait: is called as long as the instance is being opened; lets some time pass, or says ``False``.
    :raises NotPossible: the seller did not accept something; the text says what.
    """
    if found := login_accounts(market):
        return found
    organisation, repository = market.organisation, market.organisation.repository
    enterprise = repository.enterprises()[0]
    subscription = _bought(market, enterprise.customer_id, product_id, wait)
    binding = repository.binding(subscription.id)
    if binding is None or binding.stage is BindingStage.UNBOUND:
        organisation.bindings.bind(subscription.id, enterprise.id)
    organisation.notifier.retry(enterprise.id)
    _told(market, enterprise.id)
    names = [each.user_name for each in repository.employees(enterprise.id)[:_FIRST]]
    organisation.members.authorise(subscription.id, names)
    _told(market, enterprise.id)
    return login_accounts(market)


def _told(market: "Market", tenant_id: str) -> None:
    market.run_due()
    _accepted(untold.message for untold in market.organisation.notifier.untold(tenant_id))


def _bought(market: "Market", customer_id: str, product_id: str, wait: Callable[[], bool]) -> Subscription:
    kits = [each.id for each in market.database.all(ListedProduct) if each.kit]
    owned = [each for each in market.database.all(Subscription, customer_id) if each.product in kits]
    opening = (each.id for each in owned if each.status is SubscriptionStatus.OPENING)
    for subscription in owned:
        if subscription.live:
            return subscription
    new = next(opening, None) or market.shop.buy(customer_id, product_id).id
    _hurried(market, new)
    while (bought := market.database.the(Subscription, new)).status is SubscriptionStatus.OPENING and wait():
        _hurried(market, new)
    _accepted(_purchases(market, new))
    return bought


def _hurried(market: "Market", subscription_id: str) -> None:
    for message in _purchases(market, subscription_id):
        market.deliveries.hurry(message.id)
    market.run_due()


def _purchases(market: "Market", subscription_id: str) -> list[Message]:
    return [each for each in market.database.all(Message, subscription_id) if each.purpose is Purpose.PURCHASE]


def _accepted(messages: Iterable[Message]) -> None:
    for message in messages:
        if message.state is not Delivery.DELIVERED:
            raise NotPossible("not-accepted", f"{message.activity}: {message.problem or message.state}")


def _member(employee: Employee, bindings: Iterable[Binding]) -> Member:
    return Member(
        user_name=employee.user_name,
        name=employee.name,
        password=employee.password,
        role=employee.role,
        org_code=employee.department,
        enabled=employee.enabled,
        authorised=any(binding.id in employee.authorised for binding in bindings),
    )
