"""The blueprint that the seller's pages hang their routes on, and what they share."""

from flask import Blueprint, abort

from emulator.console.console_context import context
from emulator.marketplace.catalogue.products import ListedProduct

page = Blueprint("seller", __name__)


def product(product_id: str) -> ListedProduct:
    """The product, or 404."""
    return context().market.database.get(ListedProduct, product_id) or abort(404)
