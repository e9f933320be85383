"""The editor of one product: what is wrong stands beside its field, and what was typed stays."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from emulator.console.console_context import context
from emulator.console.language import text
from emulator.console.products.blueprint import offered, page
from emulator.console.products.product_form import description, shown
from emulator.marketplace.catalogue.catalogue import name_of
from emulator.marketplace.catalogue.product_entry import described
from emulator.marketplace.catalogue.product_rules import ProductProblem, ProductsRefused, product
from emulator.texts import Text

FIRST: Mapping[str, Any] = {
    "version": "v2",
    "chargingMode": "PERIOD",
    "plans": ({"periodType": "month", "periodNumber": "1"},),
}
"""What a new product is, unless it is made like another."""


@page.get("/products/new")
def new() -> str:
    """A product that is not there yet; ``like``: another one to begin with."""
    like = context().market.catalogue.get(request.args.get("like", ""))
    return _editor(described(like, "") if like else FIRST)


@page.get("/products/<name>")
def edit(name: str) -> str:
    """One that is there."""
    found = offered(name)
    return _editor(described(found, name_of(found.id)), name_of(found.id))


@page.post("/products/new")
def create() -> Response | tuple[str, int]:
    """A product more."""
    return _taken("")


@page.post("/products/<name>")
def change(name: str) -> Response | tuple[str, int]:
    """Another description of a product."""
    return _taken(name_of(offered(name).id))


def _taken(name: str) -> Response | tuple[str, int]:
    """Keep what the form says, or show it again with what is wrong; ``spare`` in it asks for another row."""
    catalogue, entry = context().market.catalogue, description(request.form)
    entry["id"] = name or entry["id"]
    if spare := request.form.get("spare", ""):
        return _editor(entry, name, spare=spare), 200
    try:
        wanted = product(entry).listed()
    except ProductsRefused as refusal:
        return _editor(entry, name, refusal.problems), 400
    before = catalogue.get(wanted.id)
    if before and not name:
        return _editor(entry, name, [ProductProblem("id", Text("products.problem.taken"))]), 400
    kept = catalogue.put(wanted)
    revised = before is not None and before.id != kept.id
    flash(text("products.revised", product=kept.id) if revised else text("products.kept", product=kept.name), "good")
    return redirect(url_for("products.index"), 303)


def _editor(
    entry: Mapping[str, Any], name: str = "", problems: Sequence[ProductProblem] = (), *, spare: str = ""
) -> str:
    catalogue = context().market.catalogue
    present = catalogue.get(name) if name else None
    return render_template(
        "products/edit.html",
        entry=entry,
        name=name,
        rows=shown(entry, spare=spare),
        problems=problems,
        problems_of=lambda path: [each for each in problems if f"{each.where}.".startswith(f"{path}.")],
        in_use=present is not None and catalogue.in_use(present.id),
        spare=spare,
    )
