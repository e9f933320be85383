"""Home: is my integration healthy, what do I do next, what comes; at first a guide of four clicks."""

from datetime import timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for

from emulator.console.buyer.delivery import delivered
from emulator.console.clock.ahead import ahead
from emulator.console.clock.index import set_off
from emulator.console.console_context import context
from emulator.console.forms import FormRefused, Redirect, taken
from emulator.console.home.guide import STEPS, Guide, close, guide, keep
from emulator.console.home.overview import overview
from emulator.console.language import text
from emulator.marketplace.delivery.call import INJECTED
from emulator.marketplace.faults.fault_list import ANSWER_LOST
from emulator.marketplace.storage.call_filter import FILTERS, Filter
from emulator.marketplace.storage.transactions import NotPossible
from emulator.marketplace.subscriptions.buyers import Customer

page = Blueprint("home", __name__)

AHEAD, SHOWN = 6, 5
PRODUCT = "yearly-v2"
"""What the guide buys."""
YEAR = timedelta(days=366)
_OLD = ("call", "before", *FILTERS)


@page.get("/")
def index() -> str | Redirect:
    """The home page. Addresses of the list of calls, which stood here once, still lead to it."""
    if any(name in request.args for name in _OLD):
        return redirect(f"{url_for('calls.index')}?{request.query_string.decode('ascii', 'replace')}", 308)
    market, found = context().market, overview(context())
    return render_template(
        "home/index.html",
        guide=guide(market.database),
        steps=STEPS,
        overview=found,
        causes=found.causes[:SHOWN],
        orders=found.orders[:SHOWN],
        products=found.products[:SHOWN],
        amount=sum(each.value for each in found.waiting),
        until=min((each.until for each in found.waiting), default=None),
        ahead=ahead(market, AHEAD),
        counts={each: market.timeline.count(Filter(verdict=each)) for each in ("passed", "failed", "injected")},
        judged=market.timeline.count(Filter(direction="out")),
    )


@page.post("/guide/<step>")
def take(step: str) -> Redirect:
    """A step of the guide, done for the reader."""
    database = context().market.database
    known = guide(database)
    if step == "close":
        close(database)
    elif step not in STEPS:
        abort(404)
    elif known and known.following == step:
        return redirect(_DO[step](known), 303)
    return taken("home.index")


def _buy(known: Guide) -> str:
    market = context().market
    with delivered(market) as since:
        bought = market.shop.buy(market.database.all(Customer)[0].id, PRODUCT)
    keep(market.database, "buy", known, bought=bought.id)
    return url_for("buyer.index", customer=bought.customer_id, subscription=bought.id, since=since)


def _break(known: Guide) -> str:
    """The answer to a renewal is lost: the order is repeated, and must be done once."""
    market = context().market
    try:
        # In one change: nobody delivers the order before its answer is to be lost.
        with delivered(market), market.database.changing():
            market.shop.renew(known.bought)
            market.switches.inject(ANSWER_LOST, 1)
    except (NotPossible, KeyError):
        raise FormRefused(url_for("home.index"), {"": text("home.guide.gone")}) from None
    broken = market.timeline.lines(Filter(verdict=INJECTED), limit=1)
    keep(market.database, "break", known, broken=broken[0].number if broken else 0)
    return url_for("home.index")


def _why(known: Guide) -> str:
    keep(context().market.database, "why", known)
    return url_for("calls.call", number=known.broken) if known.broken else url_for("calls.index")


def _year(known: Guide) -> str:
    market = context().market
    set_off(market.clock.now() + YEAR, url_for("home.index"))
    keep(market.database, "year", known)
    return url_for("clock.index")


_DO = {"buy": _buy, "break": _break, "why": _why, "year": _year}
