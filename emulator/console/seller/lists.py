"""Orders with their amounts, and the mails that the marketplace would have sent."""

from decimal import Decimal

from flask import render_template, request

from emulator.console.console_context import context, page_of
from emulator.console.seller.blueprint import page
from emulator.marketplace.catalogue.products import ListedProduct
from emulator.marketplace.delivery.mails import SELLER, Mail
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.orders import OrderState, PlacedOrder
from emulator.marketplace.subscriptions.subscription import Subscription

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
    box = request.args.get("box", "")
    found = [
        mail for mail in database.all(Mail)[::-1] if box not in BOXES[1:] or (mail.to == SELLER) == (box == SELLER)
    ]
    shown, links = page_of(found)
    return render_template(
        "seller/mails.html",
        view="mails",
        mails=shown,
        total=len(found),
        **links,
        customers=customers,
        instances={each.id: each.instance_id or each.id for each in database.all(Subscription)},
        boxes=BOXES,
        box=box,
    )
