"""The seller's console: products and how they stand, messages, orders, mails, probes, and what happens next."""

from flask import render_template

from emulator.console.clock.ahead import ahead
from emulator.console.console_context import context
from emulator.console.seller import mails, messages, orders, probes
from emulator.console.seller.blueprint import page
from emulator.marketplace.catalogue.listing_status import MOST_BAD_DAYS, MOST_FAILED

__all__ = ["mails", "messages", "orders", "page", "probes"]

AHEAD = 15


@page.get("/seller")
def index() -> str:
    """How each product stands, and what happens next."""
    market = context().market
    products = market.catalogue.current()
    return render_template(
        "seller/index.html",
        view="index",
        products=products,
        reports={product.id: market.listing_status.report(product.id) for product in products},
        missing={product.id: market.cases.missing(product.id) for product in products},
        saved={product.id: market.cases.saved(product.id) for product in products},
        most_failed=MOST_FAILED,
        most_bad_days=MOST_BAD_DAYS,
        ahead=ahead(market, AHEAD),
    )
