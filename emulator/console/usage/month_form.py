"""The form that simulates a month of usage: of an instance, or of a product that is bought first."""

from collections.abc import Sequence
from typing import NamedTuple

from flask import request, url_for

from emulator.console.buyer.delivery import delivered
from emulator.console.clock.index import busy, set_off
from emulator.console.console_context import ConsoleContext, whole
from emulator.console.forms import FieldAtFault, FormRefused
from emulator.console.language import maybe, text
from emulator.console.usage.curve import SHAPES
from emulator.console.usage.form import decimal_in
from emulator.console.usage.months import Curve, SimulatedMonth, SimulatedMonths
from emulator.marketplace.catalogue.products import ListedProduct, Shelf
from emulator.marketplace.storage.transactions import NotPossible
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.subscription import Subscription
from shared.provisioning import Charging

LENGTHS = {"day": 24, "week": 7 * 24, "month": 30 * 24}
"""Hours."""
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


def begin(shown: ConsoleContext) -> SimulatedMonth:
    """Do what the form says: use an instance for a while, and move the clock to the end of it.

    :raises FormRefused: it cannot be used, its instance is not in use, or the clock is being moved.
    """
    here, chosen = url_for("usage.index"), request.form.get("instance", "")
    if shown.mover.moving:
        raise busy(here)
    try:
        wanted, hours = _wanted(), LENGTHS[request.form.get("length", "month")]
        bought = _buy(shown, chosen.removeprefix(_BUY)) if chosen.startswith(_BUY) else chosen
        return _begun(shown, bought, wanted, hours)
    except FieldAtFault as refusal:
        raise FormRefused(here, {refusal.field: text("usage.month.misfilled")}) from None
    except NotPossible as refusal:
        raise FormRefused(here, {"instance": maybe(f"buyer.reason.{refusal.reason}", str(refusal))}) from None
    except KeyError:
        raise FormRefused(here, {"instance": text("usage.month.not-in-use")}) from None


def _wanted() -> Curve:
    """
    :raises FieldAtFault: the amount is none.
    """
    shape, most = request.form.get("shape", ""), decimal_in(request.form, "most")
    return Curve(shape if shape in SHAPES else "working", most, whole(request.form.get("seed", ""), 1))


def _buy(shown: ConsoleContext, product_id: str) -> str:
    """A new instance of a product; empty if the seller has not opened it.

    :raises KeyError: there is no such product.
    :raises NotPossible: it is not on sale, or every buyer owes money.
    """
    market = shown.market
    buyers = market.database.all(Customer)
    buyer = next((each for each in buyers if not each.arrears), buyers[0])
    with delivered(market):
        bought = market.shop.buy(buyer.id, product_id)
    return market.database.the(Subscription, bought.id).instance_id


def _begun(shown: ConsoleContext, instance_id: str, wanted: Curve, hours: int) -> SimulatedMonth:
    """
    :raises FormRefused: the clock is being moved.
    :raises KeyError: there is no such instance in use.
    """
    product = {each.instance_id: product for each, product in usable(shown).instances}[instance_id]
    month = SimulatedMonths(shown.market).start(instance_id, wanted, hours, daily=product.daily)
    set_off(month.end, url_for("usage.index"))
    return month
