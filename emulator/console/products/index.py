"""What the seller offers, the seller's own products first."""

from flask import flash

from emulator.console.console_context import context
from emulator.console.forms import Redirect, taken
from emulator.console.language import text
from emulator.console.products import editor as product_editor
from emulator.console.products import exchange as product_exchange
from emulator.console.products.blueprint import offered, page

__all__ = ["page", "product_editor", "product_exchange"]


@page.get("/products")
def index() -> str:
    """The list."""
    return product_exchange.listed()


@page.post("/products/<name>/withdraw")
def withdraw(name: str) -> Redirect:
    """Offer a product no longer."""
    found = offered(name)
    context().market.catalogue.withdraw(found.id)
    flash(text("products.withdrawn", product=found.name), "good")
    return taken("products.index")
