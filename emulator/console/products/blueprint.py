"""The blueprint that the catalogue's pages hang their routes on, and what they share."""

from flask import Blueprint, abort

from emulator.console.console_context import context
from emulator.marketplace.catalogue.products import ListedProduct

page = Blueprint("products", __name__)


def offered(name: str) -> ListedProduct:
    """The product of that name, or 404."""
    return context().market.catalogue.get(name) or abort(404)
