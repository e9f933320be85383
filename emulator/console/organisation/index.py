"""The buyers' organisation: enterprises, departments and members, what the seller is told, and what its side holds."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from flask import Blueprint, abort, redirect, render_template, request, url_for

from emulator.console.buyer.delivery import await_tasks, caused, mark, posted
from emulator.console.console_context import context, number, page_of
from emulator.console.forms import FormRefused, Redirect
from emulator.console.language import maybe, text
from emulator.console.organisation.actions import ENTERPRISE, PARTS
from emulator.console.organisation.tree import compared, tree
from emulator.marketplace.catalogue.products import ListedProduct
from emulator.marketplace.delivery.messages import DELIVER
from emulator.marketplace.market import Market
from emulator.marketplace.organisation.documents import Binding, BindingStage, Employee, Enterprise
from emulator.marketplace.organisation.organisation import Organisation
from emulator.marketplace.storage.transactions import NotPossible
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.subscription import Subscription

page = Blueprint("organisation", __name__)


class Bindable(NamedTuple):
    """A subscription that is or can be bound to the enterprise."""

    subscription: Subscription
    product: ListedProduct
    binding: Binding | None


@page.get("/organisation")
def index() -> str:
    """One enterprise; ``department`` and ``member``: the chosen ones; ``since``: mark of the latest click."""
    market = context().market
    told = caused(market, number("since", mark(market.database)))  # first: what has ended shows below
    repository = market.organisation.repository
    enterprises = repository.enterprises()
    tenant = next((each for each in enterprises if each.id == request.args.get("tenant")), None)
    tenant = tenant or (enterprises[0] if enterprises else None)
    customers = {each.id: each for each in market.database.all(Customer)}
    if tenant is None:
        return render_template("organisation/none.html", customers=customers)
    departments, employees = repository.departments(tenant.id), repository.employees(tenant.id)
    chosen = next((each for each in departments if each.code == request.args.get("department")), None)
    within = _within(market, tenant, employees, chosen.code if chosen else "")
    shown, links = page_of(within)
    return render_template(
        "organisation/index.html",
        enterprises=enterprises,
        customers=customers,
        tenant=tenant,
        tree=tree(departments, employees),
        departments={each.code: each for each in departments},
        chosen=chosen,
        picked=request.args.get("member", ""),
        employees=shown,
        total=len(within),
        **links,
        bindables=_bindables(market, tenant),
        bound=repository.bound(tenant.id),
        compared=compared(market.organisation, tenant.id, context().application),
        untold=market.organisation.notifier.untold(tenant.id),
        caused=[each for each in told if each.message.about == tenant.id],
    )


@page.post("/organisation")
def found() -> Redirect:
    customer, code, name = (request.form.get(each, "") for each in ("customer", "code", "name"))
    return _done("", lambda organisation: organisation.enterprises.found(customer, code.strip(), name))


@page.post("/organisation/<tenant>/<act>")
def enterprise(tenant: str, act: str) -> Redirect:
    """Something is done to the enterprise, or added to it."""
    does = ENTERPRISE.get(act) or abort(404)
    return _done(tenant, lambda organisation: does(organisation, tenant, request.form))


@page.post("/organisation/<tenant>/<kind>/<path:name>/<act>")
def part(tenant: str, kind: str, name: str, act: str) -> Redirect:
    """Something is done to a part of the enterprise: a department, a member, a subscription that can be bound."""
    does = PARTS.get(kind, {}).get(act) or abort(404)
    return _done(tenant, lambda organisation: does(organisation, tenant, name, request.form))


def _done(tenant: str, act: Callable[[Organisation], object]) -> Redirect:
    """Do it, let the seller be told, and show the enterprise: the one that ``act`` returns, if it does.

    :raises FormRefused: it cannot be done.
    """
    market = context().market
    since = mark(market.database)
    try:
        made = act(market.organisation)
        await_tasks(market, lambda: _awaited(market, since))
    except NotPossible as refusal:
        why = maybe(f"organisation.reason.{refusal.reason}", str(refusal))
        raise FormRefused(_page(tenant), {refusal.field: why}) from None
    except KeyError:
        raise FormRefused(_page(tenant), {"": text("organisation.gone")}) from None
    return redirect(_page(made.id if isinstance(made, Enterprise) else tenant, since), 303)


def _awaited(market: Market, since: int) -> list[tuple[str, str]]:
    """What was posted since the mark, and what is sent again."""
    repository, notifier = market.organisation.repository, market.organisation.notifier
    again = (each.message.id for one in repository.enterprises() for each in notifier.untold(one.id))
    return [(DELIVER, each) for each in (*(message.id for message in posted(market.database, since)), *again)]


def _page(tenant: str, since: int | None = None) -> str:
    """Where the form stands."""
    chosen, picked = request.form.get("chosen") or None, request.form.get("member") or None
    return url_for("organisation.index", tenant=tenant or None, department=chosen, member=picked, since=since)


def _within(market: Market, tenant: Enterprise, employees: Sequence[Employee], code: str) -> Sequence[Employee]:
    """The members of a department and of those below it; of none: all."""
    if not code:
        return employees
    codes = market.organisation.repository.below(tenant.id, code)
    return [each for each in employees if each.department in codes]


def _bindables(market: Market, tenant: Enterprise) -> Sequence[Bindable]:
    database = market.database
    found = []
    for each in database.all(Subscription, tenant.customer_id):
        product, present = database.the(ListedProduct, each.product), database.get(Binding, each.id)
        unbound = present is None or present.stage is BindingStage.UNBOUND
        if not unbound and present and present.tenant_id == tenant.id:
            found.append(Bindable(each, product, present))
        elif unbound and product.kit and each.live:
            found.append(Bindable(each, product, None))
    return found
