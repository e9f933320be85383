"""A month in one click: started for an instance, or a product that is bought first; and a page of what came of it."""

from collections.abc import Sequence
from typing import NamedTuple

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from emulator.clock import BEIJING
from emulator.console.buyer.delivery import deliver, mark
from emulator.console.clock.index import mover
from emulator.console.clock.mover import Busy
from emulator.console.console_context import ConsoleContext, context, whole
from emulator.console.language import text
from emulator.console.usage.books import Books
from emulator.console.usage.chart import SPANS, slots
from emulator.console.usage.curve import SHAPES
from emulator.console.usage.days import beijing_day, months, summed
from emulator.console.usage.drawing import drawing
from emulator.console.usage.form import Misfilled, decimal_of
from emulator.console.usage.instances import look_up
from emulator.console.usage.months import Curve, SimulatedMonth, SimulatedMonths
from emulator.console.usage.used import HOUR
from emulator.marketplace.catalogue.products import ListedProduct, Shelf
from emulator.marketplace.storage.transactions import NotPossible
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.subscription import Subscription
from shared.provisioning import Charging

LENGTHS = {"day": 24, "week": 7 * 24, "month": 30 * 24}
"""Hours."""
SHOWN = 5
_BUY = "product:"
"""Begins what stands for a product, of which an instance is bought first."""


class Usable(NamedTuple):
    """What a month can be simulated for: instances in use, newest first, and products to buy one of."""

    instances: Sequence[tuple[Subscription, ListedProduct]]
    products: Sequence[ListedProduct]


def usable(shown: ConsoleContext) -> Usable:
    """Nothing where no intake is within reach."""
    if shown.application is None:
        return Usable((), ())
    database = shown.market.database
    metered = {each.id: each for each in database.all(ListedProduct) if each.charging is Charging.ON_DEMAND}
    mine = [each for each in database.all(Subscription) if each.instance_id and each.live and each.product in metered]
    on_sale = [each for each in shown.market.catalogue.current() if each.id in metered and each.shelf is Shelf.ON_SALE]
    return Usable([(each, metered[each.product]) for each in reversed(mine)], on_sale)


def form_parts(shown: ConsoleContext) -> dict[str, object]:
    """What the form that starts a month needs."""
    return {
        "usable": usable(shown),
        "lengths": tuple(LENGTHS),
        "shapes": tuple(SHAPES),
        "reachable": shown.application is not None,
    }


def index_parts(shown: ConsoleContext) -> dict[str, object]:
    """The same, and the newest months."""
    found = SimulatedMonths(shown.market).newest(SHOWN)
    return {**form_parts(shown), "simulated": [(each, _length(each), _product(shown, each)) for each in found]}


def start() -> Response:
    """Use an instance for a while, and move the clock to the end of it."""
    shown, chosen = context(), request.form.get("instance", "")
    try:
        wanted, hours = _wanted(), LENGTHS[request.form.get("length", "month")]
        _nobody_moves()
        bought = _buy(shown, chosen.removeprefix(_BUY)) if chosen.startswith(_BUY) else chosen
        return _start(shown, bought, wanted, hours)
    except Busy:
        flash(text("clock.busy"), "warn")
    except NotPossible as refusal:
        flash(str(refusal), "bad")
    except (Misfilled, KeyError):
        flash(text("usage.month.misfilled"), "warn")
    return redirect(url_for("usage.index"), 303)


def _wanted() -> Curve:
    """
    :raises Misfilled: the form cannot be used.
    """
    shape = request.form.get("shape", "working")
    if shape not in SHAPES:
        raise Misfilled
    return Curve(shape, decimal_of(request.form.get("most", "")), whole(request.form.get("seed", ""), 1))


def _nobody_moves() -> None:
    """
    :raises Busy: the clock is being moved.
    """
    if mover().moving:
        raise Busy


def _buy(shown: ConsoleContext, product_id: str) -> str:
    """A new instance of a product; empty if the seller has not opened it.

    :raises KeyError: there is no such product.
    :raises NotPossible: it is not on sale, or every buyer owes money.
    """
    market = shown.market
    buyers = market.database.all(Customer)
    buyer = next((each for each in buyers if not each.arrears), buyers[0])
    since = mark(market.database)
    bought = market.shop.buy(buyer.id, product_id)
    deliver(market, since)
    return market.database.the(Subscription, bought.id).instance_id


def _start(shown: ConsoleContext, instance_id: str, wanted: Curve, hours: int) -> Response:
    """
    :raises Busy: the clock is being moved.
    :raises Misfilled: there is no such instance in use.
    """
    market = shown.market
    product = next((product for each, product in usable(shown).instances if each.instance_id == instance_id), None)
    if product is None:
        raise Misfilled
    month = SimulatedMonths(market).start(instance_id, wanted, hours, daily=product.daily)
    mover().start(market, month.end)
    return _to(month.id)


def go_on(number: str) -> Response:
    """Move the clock to the end of what was begun."""
    market, month = context().market, _known(number)
    try:
        if month.running:
            SimulatedMonths(market).resume(number)
            mover().start(market, max(month.end, market.clock.now() + HOUR))
    except Busy:
        flash(text("clock.busy"), "warn")
    return _to(number)


def stop(number: str) -> Response:
    """No further use; the clock stays where it is."""
    SimulatedMonths(context().market).stop(_known(number).id)
    mover().cancel()
    return _to(number)


def show(number: str) -> str:
    """What was used, billed and refused in a simulated month, and whether that adds up. Its address stays."""
    shown, month = context(), _known(number)
    books = Books(shown, month.instance_id, *month.window)
    found = books.days()
    span, first = SPANS["hour"]._replace(slots=month.hours), month.window[0]
    if month.hours > SPANS["hour"].slots or month.daily:
        first -= first.astimezone(BEIJING).hour * HOUR
        span = SPANS["day"]._replace(slots=(month.window[1] - first) // SPANS["day"].length + 1)
    columns = slots(first, span, books.hours, books.used)
    return render_template(
        "usage/simulated.html",
        month=month,
        length=_length(month),
        found=look_up(shown.market, shown.usage, shown.seller, month.instance_id),
        total=summed(beijing_day(first), found),
        days=found,
        months=[f"{each.day:%Y-%m}" for each in months(found)],
        moving=mover().moving and month.running,
        slots=columns,
        span=span,
        drawing=drawing(columns, span),
    )


def _known(number: str) -> SimulatedMonth:
    month = SimulatedMonths(context().market).get(number)
    return month or abort(404)


def _to(number: str) -> Response:
    return redirect(url_for("usage.month", number=number), 303)


def _length(month: SimulatedMonth) -> str:
    return next((name for name, hours in LENGTHS.items() if hours == month.hours), "month")


def _product(shown: ConsoleContext, month: SimulatedMonth) -> ListedProduct | None:
    subscription = shown.market.instances.subscription(month.instance_id)
    return shown.market.database.get(ListedProduct, subscription.product) if subscription else None
