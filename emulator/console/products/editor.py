"""The editor of one product: what is wrong stands beside its field, and what was typed stays."""

from collections.abc import Mapping
from typing import Any

from flask import flash, render_template, request

from emulator.console.console_context import context
from emulator.console.forms import FormRefused, Redirect, refused, taken
from emulator.console.language import say, text
from emulator.console.products.blueprint import offered, page
from emulator.console.products.product_form import description, shown
from emulator.marketplace.catalogue.catalogue import name_of
from emulator.marketplace.catalogue.product_entry import described
from emulator.marketplace.catalogue.product_rules import ProductsRefused, product

FIRST: Mapping[str, Any] = {
    "version": "v2",
    "chargingMode": "PERIOD",
    "plans": ({"periodType": "month", "periodNumber": "1"},),
}
"""What a new product is, unless it is made like another."""


@page.get("/products/new")
def new() -> str:
    """A product that is not there yet; ``like``: another one to begin with."""
    like, form = context().market.catalogue.get(request.args.get("like", "")), refused()
    return _editor(description(form.entered) if form else described(like, "") if like else FIRST)


@page.get("/products/<name>")
def edit(name: str) -> str:
    """One that is there."""
    found, form = offered(name), refused()
    return _editor(description(form.entered) if form else described(found, name_of(found.id)), name_of(found.id))


@page.post("/products/new")
def create() -> Redirect | str:
    """A product more."""
    return _kept("")


@page.post("/products/<name>")
def change(name: str) -> Redirect | str:
    """Another description of a product."""
    return _kept(name_of(offered(name).id))


def _kept(name: str) -> Redirect | str:
    """Keep what the form says, or show it again with what is wrong; ``spare`` in it asks for another row."""
    catalogue, entry = context().market.catalogue, description(request.form)
    entry["id"] = name or entry["id"]
    if spare := request.form.get("spare", ""):
        return _editor(entry, name, spare=spare)
    try:
        wanted = product(entry).listed()
    except ProductsRefused as refusal:
        wrong = reversed(refusal.problems)  # of several in one place, the first is said
        raise FormRefused(request.path, {each.where: say(each.what) for each in wrong}) from None
    before = catalogue.get(wanted.id)
    if before and not name:
        raise FormRefused(request.path, {"id": text("products.problem.taken")})
    kept = catalogue.put(wanted)
    revised = before is not None and before.id != kept.id
    flash(text("products.revised", product=kept.id) if revised else text("products.kept", product=kept.name), "good")
    return taken("products.index")


def _editor(entry: Mapping[str, Any], name: str = "", *, spare: str = "") -> str:
    form = refused()
    problems = form.problems if form else {}
    catalogue = context().market.catalogue
    present = catalogue.get(name) if name else None
    return render_template(
        "products/edit.html",
        entry=entry,
        name=name,
        rows=shown(entry, spare=spare),
        problems=problems,
        problem_of=lambda path: next((problems[each] for each in problems if f"{each}.".startswith(f"{path}.")), ""),
        in_use=present is not None and catalogue.in_use(present.id),
        spare=spare,
    )
