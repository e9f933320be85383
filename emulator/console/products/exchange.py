"""The catalogue as a file: taken out, and brought in."""

from flask import Response, abort, flash, request, url_for

from emulator.console.attached import attached
from emulator.console.console_context import context
from emulator.console.forms import FormRefused, Redirect, taken
from emulator.console.language import say, text
from emulator.console.products.blueprint import page
from emulator.marketplace.catalogue.product_files import MOST, as_json, as_toml, read
from emulator.marketplace.catalogue.product_rules import ProductsRefused

FORMS = {"toml": ("application/toml", as_toml), "json": ("application/json", as_json)}


@page.get("/products/export.<form>")
def taken_out(form: str) -> Response:
    """The seller's own products; all, as long as there are none."""
    if form not in FORMS:
        abort(404)
    (kind, write), catalogue = FORMS[form], context().market.catalogue
    return attached(write(catalogue.own() or catalogue.current()), f"products.{form}", kind)


@page.post("/products/import")
def brought_in() -> Redirect:
    """The products of a file, or of what was typed: all of them, or none if one is wrong."""
    file, market = request.files.get("file"), context().market
    typed = file.read(MOST).decode("utf-8", "replace") if file else ""
    typed = typed or request.form.get("text", "").replace("\r\n", "\n")
    try:
        found = read(typed)
    except ProductsRefused as refusal:
        wrong = [f"{each.where} {say(each.what)}".strip() for each in refusal.problems]
        problem = "\n".join([text("products.refused"), *wrong])
        raise FormRefused(url_for("products.index"), {"text": problem}, {"text": typed}) from None
    market.catalogue.load((each.listed() for each in found.products), samples=found.samples)
    flash(text("products.loaded", n=len(found.products)), "good")
    return taken("products.index")
