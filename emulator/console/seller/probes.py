"""Probes: saved debugging cases, and what each day's runs of them found (production interfaces, section 8)."""

from collections.abc import Sequence
from datetime import date, timedelta

from flask import flash, render_template, request, url_for

from emulator.console.buyer.delivery import await_tasks
from emulator.console.console_context import context
from emulator.console.forms import FormRefused, Redirect, taken
from emulator.console.language import say, text
from emulator.console.seller.blueprint import page, product
from emulator.marketplace.catalogue.listing_status import ProbeDay
from emulator.marketplace.catalogue.products import Shelf
from emulator.marketplace.probes.probes import PROBE, ROUND
from emulator.marketplace.probes.saved_cases import PlayedCase
from emulator.texts import named
from shared.clock import BEIJING

DAYS = 10
"""Days shown, the last is today in Beijing."""


@page.get("/seller/probes")
def probes() -> str:
    """Each product's days, and its saved cases."""
    market = context().market
    today = market.clock.now().astimezone(BEIJING).date()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    products = market.catalogue.current()
    return render_template(
        "seller/probes.html",
        view="probes",
        products=products,
        days=days,
        found={each.id: _days(each.id, days) for each in products},
        saved={each.id: market.cases.saved(each.id) for each in products},
        missing={each.id: market.cases.missing(each.id) for each in products},
        following=market.agenda.due_at(ROUND),
        resign=market.probes.resign,
    )


@page.post("/seller/products/<product_id>/cases")
def save_cases(product_id: str) -> Redirect:
    """Play the debugging cases of a product, and save those that pass."""
    _say(context().market.cases.save_cases(product(product_id).id), text("seller.cases.saved"))
    return taken("seller.probes", _anchor=product_id)


@page.post("/seller/products/<product_id>/probe")
def probe(product_id: str) -> Redirect:
    """Run the saved cases of a product now, as a round does."""
    market, probed = context().market, product(product_id)
    if probed.shelf is not Shelf.ON_SALE:
        raise FormRefused(url_for("seller.probes"), {"": text("seller.cases.off-shelf")})
    market.agenda.put(PROBE, probed.id, market.clock.now())
    await_tasks(market, lambda: [(PROBE, probed.id)])
    return taken("seller.probes", _anchor=product_id)


@page.post("/seller/products/<product_id>/repaired")
def repaired(product_id: str) -> Redirect:
    """The seller says that it works again."""
    played = context().market.probes.repaired(product(product_id).id)
    _say(played, text("seller.cases.repaired"))
    return taken("seller.index", _anchor=product_id)


@page.post("/seller/probes")
def settings() -> Redirect:
    """Whether saved cases are signed anew."""
    context().market.probes.resign = request.form.get("resign") == "yes"
    return taken("seller.probes")


def _days(product_id: str, days: Sequence[date]) -> Sequence[ProbeDay | None]:
    found = {each.day: each for each in context().market.database.all(ProbeDay, product_id)}
    return [found.get(day) for day in days]


def _say(played: Sequence[PlayedCase], then: str) -> None:
    failed = [each for each in played if each.problem]
    if failed:
        names = ", ".join(f"{say(named('cases.debugging', each.name))} (#{each.call.number})" for each in failed)
        flash(text("seller.cases.failed", failed=len(failed), total=len(played), names=names), "bad")
    else:
        flash(text("seller.cases.passed", total=len(played), then=then), "good")
