"""The catalogue as a file: taken out, and brought in."""

from collections.abc import Sequence

from flask import Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from emulator.console.attached import attached
from emulator.console.console_context import context
from emulator.console.language import text
from emulator.console.products.blueprint import page
from emulator.marketplace.catalogue.catalogue import name_of
from emulator.marketplace.catalogue.product_files import MOST, as_json, as_toml, read
from emulator.marketplace.catalogue.product_rules import ProductProblem, ProductsRefused

FORMS = {"toml": ("application/toml", as_toml), "json": ("application/json", as_json)}


@page.get("/products/export.<form>")
def taken_out(form: str) -> Response:
    """The seller's own products; all, as long as there are none."""
    if form not in FORMS:
        abort(404)
    (kind, write), catalogue = FORMS[form], context().market.catalogue
    return attached(write(catalogue.own() or catalogue.current()), f"products.{form}", kind)


@page.post("/products/import")
def brought_in() -> Redirect | tuple[str, int]:
    """The products of a file, or of what was typed: all of them, or none if one is wrong."""
    file, market = request.files.get("file"), context().market
    typed = file.read(MOST).decode("utf-8", "replace") if file else ""
    typed = typed or request.form.get("text", "").replace("\r\n", "\n")
    try:
        found = read(typed)
    except ProductsRefused as refusal:
        return listed(typed, refusal.problems), 400
    market.catalogue.load((each.listed() for each in found.products), samples=found.samples)
    flash(text("products.loaded", n=len(found.products)), "good")
    return redirect(url_for("products.index"), 303)


def listed(typed: str = "", problems: Sequence[ProductProblem] = ()) -> str:
    """The list of products; ``typed``: a file that was not taken, and why."""
    catalogue = context().market.catalogue
    return render_template(
        "products/index.html",
        products=catalogue.current(),
        own=[each.id for each in catalogue.own()],
        name_of=name_of,
        typed=typed,
        problems=problems,
    )
