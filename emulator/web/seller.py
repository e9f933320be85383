"""The seller's console: products and how they stand, messages, orders, mails, probes, and what happens next."""

from flask import render_template

from emulator.market.products import ListedProduct
from emulator.market.standing import MOST_BAD_DAYS, MOST_FAILED
from emulator.web import seller_lists, seller_messages, seller_probes
from emulator.web.clock_ahead import ahead
from emulator.web.seller_page import page
from emulator.web.sides import desk

__all__ = ["page", "seller_lists", "seller_messages", "seller_probes"]

AHEAD = 15


@page.get("/seller")
def index() -> str:
    """How each product stands, and what happens next."""
    market = desk().market
    products = market.book.all(ListedProduct)
    return render_template(
        "seller/index.html",
        view="index",
        products=products,
        reports={product.id: market.standing.report(product.id) for product in products},
        missing={product.id: market.cases.missing(product.id) for product in products},
        saved={product.id: market.cases.saved(product.id) for product in products},
        most_failed=MOST_FAILED,
        most_bad_days=MOST_BAD_DAYS,
        ahead=ahead(market, AHEAD),
    )
