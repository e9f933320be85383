"""Orders with their amounts."""

from decimal import Decimal

from flask import render_template

from emulator.console.console_context import context, page_of
from emulator.console.seller.blueprint import page
from emulator.marketplace.catalogue.products import ListedProduct
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.orders import OrderState, PlacedOrder
from emulator.marketplace.subscriptions.subscription import Subscription


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
