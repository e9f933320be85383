"""What the seller offers, the seller's own products first."""

from flask import flash, render_template, url_for

from emulator.console.console_context import context
from emulator.console.forms import Redirect, refused, taken
from emulator.console.language import text
from emulator.console.products import editor, exchange
from emulator.console.products.blueprint import offered, page
from emulator.marketplace.catalogue.catalogue import name_of

__all__ = ["editor", "exchange", "page"]


@page.get("/products")
def index() -> str:
    """The list; a file that was not taken stands in the form."""
    catalogue = context().market.catalogue
    return render_template(
        "products/index.html",
        products=catalogue.current(),
        own=[each.id for each in catalogue.own()],
        name_of=name_of,
        form=refused(url_for("products.brought_in")),
    )


@page.post("/products/<name>/withdraw")
def withdraw(name: str) -> Redirect:
    """Offer a product no longer."""
    found = offered(name)
    context().market.catalogue.withdraw(found.id)
    flash(text("products.withdrawn", product=found.name), "good")
    return taken("products.index")
