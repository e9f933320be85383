"""The blueprint that the seller's pages hang their routes on, and what they share."""

from flask import Blueprint, abort, redirect
from werkzeug.wrappers import Response

from emulator.console.console_context import context
from emulator.marketplace.catalogue.products import ListedProduct

page = Blueprint("seller", __name__)


def product(product_id: str) -> ListedProduct:
    """The product, or 404."""
    found = context().market.database.get(ListedProduct, product_id)
    if found is None:
        abort(404)
    return found


def back(address: str) -> Response:
    """To the page that shows what has become of it."""
    return redirect(address, 303)
