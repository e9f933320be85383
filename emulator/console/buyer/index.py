"""The buyer: what is on the shelf, what was bought, and what can be done with it, each by one click."""

from flask import Blueprint, abort, flash, render_template, request, url_for

from emulator.console.buyer.access_details import access
from emulator.console.buyer.actions import ActionRefused, offers
from emulator.console.buyer.actions import do as act_on
from emulator.console.buyer.delivery import caused, delivered, mark
from emulator.console.console_context import context, number
from emulator.console.forms import FormRefused, Redirect, taken
from emulator.console.language import maybe, text
from emulator.marketplace.catalogue.products import ListedProduct
from emulator.marketplace.faults.switches import Where
from emulator.marketplace.storage.transactions import NotPossible
from emulator.marketplace.subscriptions.actions import ACTIONS
from emulator.marketplace.subscriptions.arrears import GRACE
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.subscription import Subscription

page = Blueprint("buyer", __name__)

_FILLED = "form-"
"""Begins the names of what a buyer fills in for the seller."""


@page.get("/buyer")
def index() -> str:
    """The shelf and one customer's subscriptions, one of them in full; ``since``: mark of the latest click."""
    market = context().market
    told = caused(market, number("since", mark(market.database)))  # first: what has ended shows below
    customers = market.database.all(Customer)
    customer = market.database.get(Customer, request.args.get("customer", "")) or customers[0]
    subscriptions = market.database.all(Subscription, customer.id)[::-1]
    mine = {each.id for each in subscriptions}
    chosen = market.database.get(Subscription, request.args.get("subscription", ""))
    if chosen is None or chosen.customer_id != customer.id:
        chosen = subscriptions[0] if subscriptions else None
    products = {product.id: product for product in market.database.all(ListedProduct)}
    return render_template(
        "buyer/index.html",
        customers=customers,
        customer=customer,
        subscriptions=subscriptions,
        products=products,
        shelf=market.catalogue.current(),
        chosen=chosen,
        since=request.args.get("since", ""),
        faults=[each.id for each in market.switches.known.values() if each.where is Where.DELIVERY],
        offers=offers(market.shop.as_ordered(chosen), products[chosen.product]) if chosen else (),
        access=access(market, chosen.id) if chosen else None,
        caused=[each for each in told if each.message.about in mine],
    )


@page.post("/buyer/<customer_id>/buy")
def buy(customer_id: str) -> Redirect:
    market, form = context().market, request.form
    told = {name.removeprefix(_FILLED): value for name, value in form.items() if name.startswith(_FILLED)}
    product, plan, trial = form.get("product", ""), form.get("plan", ""), "trial" in form
    try:
        with delivered(market) as since:
            bought = market.shop.buy(customer_id, product, plan, trial=trial, parameters=told)
    except NotPossible as refusal:
        raise _refused(refusal, customer_id) from None
    except KeyError:
        abort(404)
    return _back(customer_id, bought.id, since)


@page.post("/buyer/<customer_id>/subscriptions/<subscription_id>/<act>")
def do(customer_id: str, subscription_id: str, act: str) -> Redirect:
    """One of the acts of a subscription."""
    market = context().market
    if act not in ACTIONS or market.database.get(Subscription, subscription_id) is None:
        abort(404)
    since = mark(market.database)
    try:
        with delivered(market):
            act_on(market, act, subscription_id, request.form.get("plan", ""))
    except NotPossible as refusal:
        raise _refused(refusal, customer_id, subscription_id) from None
    except ActionRefused:
        flash(text("buyer.not-agreed"), "warn")
    return _back(customer_id, subscription_id, since)


@page.post("/buyer/<customer_id>/arrears")
def owe(customer_id: str) -> Redirect:
    market = context().market
    if market.database.get(Customer, customer_id) is None:
        abort(404)
    since = mark(market.database)
    if "pay" in request.form:
        with delivered(market):
            market.arrears.pay(customer_id)
    else:
        market.arrears.fall_into_arrears(customer_id)
        flash(text("buyer.owing", hours=int(GRACE.total_seconds() // 3600)), "warn")
    return _back(customer_id, "", since)


@page.post("/buyer/<customer_id>/fault")
def go_wrong(customer_id: str) -> Redirect:
    """Let a fault happen to the next call."""
    market = context().market
    fault = market.switches.known.get(request.form.get("fault", ""))
    if fault is None or fault.where is not Where.DELIVERY:
        abort(404)
    market.switches.inject(fault.id, 1)
    flash(text("faults.ordered", what=text(f"faults.what.{fault.id}")), "warn")
    return _back(customer_id, request.form.get("subscription", ""), mark(market.database))


def _refused(refusal: NotPossible, customer_id: str, subscription_id: str = "") -> FormRefused:
    page = url_for("buyer.index", customer=customer_id, subscription=subscription_id or None)
    return FormRefused(page, {"": maybe(f"buyer.reason.{refusal.reason}", str(refusal))})


def _back(customer_id: str, subscription_id: str, since: int) -> Redirect:
    return taken("buyer.index", customer=customer_id, subscription=subscription_id or None, since=since)
