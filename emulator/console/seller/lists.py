"""Orders with their amounts, and the mails that the marketplace would have sent."""

from decimal import Decimal

from flask import render_template, request

from emulator.console.console_context import context, page_of
from emulator.console.language import say
from emulator.console.seller.blueprint import page
from emulator.marketplace.catalogue.products import ListedProduct
from emulator.marketplace.delivery.mails import SELLER, Mail
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.orders import OrderState, PlacedOrder
from emulator.marketplace.subscriptions.subscription import Subscription

LOOKED_AT = 2000
"""Mails looked through, from the newest on."""
BOXES = ("", SELLER, "buyers")
"""All mails, the seller's, the buyers'."""


@page.get("/seller/orders")
def orders() -> str:
    """The orders, newest first, and what they bring in."""
    database = context().market.database
    found = database.all(PlacedOrder)[::-1]
    shown, links = page_of(found)
    done = [order.amount for order in found if order.state is OrderState.DONE]
    return render_template(
        "seller/orders.html",
        view="orders",
        orders=shown,
        **links,
        paid=sum((amount for amount in done if amount > 0), Decimal(0)),
        returned=-sum((amount for amount in done if amount < 0), Decimal(0)),
        products={product.id: product for product in database.all(ListedProduct)},
        customers={customer.id: customer for customer in database.all(Customer)},
        subscriptions={each.id: each for each in database.all(Subscription)},
    )


@page.get("/seller/mails")
def mails() -> str:
    database = context().market.database
    customers = {customer.id: customer for customer in database.all(Customer)}
    box, wanted = request.args.get("box", ""), request.args.get("q", "").strip().lower()
    mine = (mail for mail in database.all(Mail, newest=LOOKED_AT) if _in(mail, box))
    found = [mail for mail in mine if wanted in f"{say(mail.subject)}\n{say(mail.text)}".lower()]
    shown, links = page_of(found)
    return render_template(
        "seller/mails.html",
        view="mails",
        mails=shown,
        total=len(found),
        **links,
        customers=customers,
        instances={each.id: each.instance_id or each.id for each in database.all(Subscription)},
        wanted=wanted,
        boxes=BOXES,
        box=box,
    )


def _in(mail: Mail, box: str) -> bool:
    return box not in BOXES[1:] or (mail.to == SELLER) == (box == SELLER)
