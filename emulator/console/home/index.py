"""Home: is my integration healthy, what do I do next, what comes; at first a guide of four clicks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from emulator.console.buyer.delivery import deliver, mark
from emulator.console.clock.ahead import ahead
from emulator.console.clock.index import mover
from emulator.console.clock.mover import Busy
from emulator.console.console_context import context
from emulator.console.home.causes import Cause, causes
from emulator.console.home.guide import STEPS, Guide, close, guide, keep
from emulator.console.home.risks import orders_at_risk, products_at_risk
from emulator.console.language import text
from emulator.marketplace.delivery.call import INJECTED
from emulator.marketplace.faults.fault_list import ANSWER_LOST
from emulator.marketplace.storage.call_filter import Filter
from emulator.marketplace.storage.transactions import NotPossible
from emulator.marketplace.subscriptions.buyers import Customer

page = Blueprint("home", __name__)

AHEAD, SHOWN = 6, 5
PRODUCT = "yearly-v2"
"""What the guide buys."""
YEAR = timedelta(days=366)
_OLD = ("call", "before", *Filter.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do now: texts ``home.next.<name>``, and where it is done."""

    name: str
    address: str


@page.get("/")
def index() -> str | Response:
    """The home page. Addresses of the list of calls, which stood here once, still lead to it."""
    if any(name in request.args for name in _OLD):
        return redirect(f"{url_for('calls.index')}?{request.query_string.decode('ascii', 'replace')}", 308)
    market, seller = context().market, context().seller
    found, orders, products = causes(market.timeline), orders_at_risk(market), products_at_risk(market)
    waiting = seller.waiting() if seller else ()
    return render_template(
        "home/index.html",
        guide=guide(market.database),
        steps=STEPS,
        causes=found[:SHOWN],
        open=sum(not each.mended for each in found),
        orders=orders[:SHOWN],
        products=products[:SHOWN],
        health=_health(bool(found and not found[0].mended), bool(orders or products)),
        step=_next(found, bool(orders), bool(waiting)),
        waiting=waiting,
        amount=sum(each.value for each in waiting),
        until=min((each.until for each in waiting), default=None),
        ahead=ahead(market, AHEAD),
        counts={each: market.timeline.count(Filter(verdict=each)) for each in ("passed", "failed", "injected")},
        judged=market.timeline.count(Filter(direction="out")),
    )


@page.post("/guide/<step>")
def take(step: str) -> Response:
    """A step of the guide, done for the reader."""
    database = context().market.database
    known = guide(database)
    if step == "close":
        close(database)
    elif step not in STEPS:
        abort(404)
    elif known and known.following == step:
        return redirect(_DO[step](known), 303)
    return redirect(url_for("home.index"), 303)


def _health(broken: bool, at_risk: bool) -> str:
    if broken:
        return "bad"
    return "warn" if at_risk else "good"


def _next(found: Sequence[Cause], orders: bool, waiting: bool) -> NextStep:
    """The most urgent thing first."""
    if found and not found[0].mended:
        return NextStep("cause", url_for("calls.call", number=found[0].latest.number))
    if orders:
        return NextStep("orders", url_for("seller.messages", state="waiting"))
    if waiting:
        return NextStep("usage", url_for("usage.index"))
    return NextStep("readiness", url_for("readiness.index"))


def _buy(known: Guide) -> str:
    market = context().market
    since = mark(market.database)
    bought = market.shop.buy(market.database.all(Customer)[0].id, PRODUCT)
    deliver(market, since)
    keep(market.database, "buy", known, bought=bought.id)
    return url_for("buyer.index", customer=bought.customer_id, subscription=bought.id, since=since)


def _break(known: Guide) -> str:
    """The answer to a renewal is lost: the order is repeated, and must be done once."""
    market = context().market
    since = mark(market.database)
    market.switches.inject(ANSWER_LOST, 1)
    try:
        market.shop.renew(known.bought)
    except (NotPossible, KeyError):
        market.switches.all_off()
        flash(text("home.guide.gone"), "warn")
        return url_for("buyer.index")
    deliver(market, since)
    broken = market.timeline.lines(Filter(verdict=INJECTED), limit=1)
    keep(market.database, "break", known, broken=broken[0].number if broken else 0)
    return url_for("home.index")


def _why(known: Guide) -> str:
    keep(context().market.database, "why", known)
    return url_for("calls.call", number=known.broken) if known.broken else url_for("calls.index")


def _year(known: Guide) -> str:
    market = context().market
    try:
        mover().start(market, market.clock.now() + YEAR)
    except Busy:
        flash(text("clock.busy"), "warn")
    else:
        keep(market.database, "year", known)
    return url_for("clock.index")


_DO = {"buy": _buy, "break": _break, "why": _why, "year": _year}
