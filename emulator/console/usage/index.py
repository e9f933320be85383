"""Usage: what instances used, and what of it the marketplace accepted, billed and refused."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from flask import Blueprint, flash, render_template, request, url_for

from emulator.console.console_context import context, number
from emulator.console.forms import FieldAtFault, FormRefused, Redirect, taken
from emulator.console.language import maybe, say, text
from emulator.console.times import utc
from emulator.console.usage import downloads, month_form, monthly
from emulator.console.usage.amounts import exact
from emulator.console.usage.books import Books
from emulator.console.usage.chart import SPANS, slots, window
from emulator.console.usage.days import months, summed
from emulator.console.usage.drawing import drawing
from emulator.console.usage.form import read_use
from emulator.console.usage.instances import Metered, look_up, metered
from emulator.console.usage.months import SimulatedMonth
from emulator.console.usage.used import HOUR, MOST, hour_of, post, refusals
from emulator.marketplace.catalogue.products import ListedProduct
from emulator.marketplace.subscriptions.subscription import Subscription
from emulator.seller.seller import Seller
from emulator.texts import named
from shared.provisioning import Charging

page = Blueprint("usage", __name__)
page.add_app_template_filter(exact)
page.add_url_rule("/usage/months/<number>", "month", monthly.show)
page.add_url_rule("/usage/months/<number>/go-on", "go_on", monthly.go_on, methods=["POST"])
page.add_url_rule("/usage/months/<number>/stop", "stop", monthly.stop, methods=["POST"])
page.add_url_rule("/usage/<instance_id>/bill.csv", view_func=downloads.usage_file)
page.add_url_rule("/usage/orders.csv", view_func=downloads.order_file)

ROWS = 25
DAYS_BACK = timedelta(days=62)
HOURS_BACK = 24
"""Hours that the form offers besides the present one."""


@page.get("/usage")
def index() -> str:
    """The instances, and the form that simulates a month of one."""
    shown = context()
    return render_template(
        "usage/index.html",
        instances=metered(shown),
        timers=shown.seller is not None,
        simulated=monthly.newest(shown),
        **month_form.form_parts(shown),
    )


@page.post("/usage/months")
def start() -> Redirect:
    """Simulate a month."""
    return taken("usage.month", number=month_form.begin(context()).id)


@page.get("/usage/<instance_id>")
def instance(instance_id: str) -> str:
    """One of them: a chart by the hour or by the day, the refused records, the bill."""
    shown, now = context(), context().market.clock.now()
    found = look_up(shown, instance_id)
    span = SPANS.get(request.args.get("by", ""), SPANS["hour"])
    first, last = window(span, now, number("back"))
    books = Books(shown, instance_id, first, last)
    columns = slots(first, span, books.hours, books.used)
    by_day = Books(shown, instance_id, hour_of(now - DAYS_BACK), now).days()
    recent = summed(now, by_day)
    before = number("before") or None
    abnormal = shown.usage.records.abnormal(ROWS + 1, before, instance_id)[::-1] if shown.usage else []
    bill = shown.usage.bill(instance_id=instance_id)[::-1] if shown.usage else []
    start = number("line")
    return render_template(
        "usage/instance.html",
        found=found,
        total=replace(found.sums, waiting=recent.waiting, codes=recent.codes),
        slots=columns,
        drawing=drawing(columns, span),
        span=span,
        spans=SPANS,
        back=number("back"),
        abnormal=abnormal[:ROWS],
        older_abnormal=abnormal[ROWS - 1].number if len(abnormal) > ROWS else None,
        bill=bill[start : start + ROWS],
        lines=len(bill),
        start=start,
        rows=ROWS,
        hours=[hour_of(now) - ago * HOUR for ago in range(HOURS_BACK + 1)],
        packages=_packages(found),
        most=MOST,
        timers=shown.seller is not None,
        days=by_day[::-1],
        months=months(by_day)[::-1],
        latest=next(reversed(shown.market.database.all(SimulatedMonth, instance_id)), None),
        **month_form.form_parts(shown),
    )


@page.post("/usage/<instance_id>/use")
def use(instance_id: str) -> Redirect:
    """Use the product: the bundle's intake is told."""
    here = url_for("usage.instance", instance_id=instance_id)
    try:
        flash(*_told(instance_id, context().market.clock.now()))
    except FieldAtFault as refusal:
        raise FormRefused(here, {refusal.field: text("usage.misfilled", most=MOST)}) from None
    except ConnectionError as error:
        raise FormRefused(here, {"": text("usage.not-taken", why=error)}) from None
    return taken("usage.instance", instance_id=instance_id)


@page.post("/usage/upload")
def upload() -> Redirect:
    seller = context().seller
    if seller:
        done = {name: number for name, number in seller.upload().items() if number and name != "oldest_seconds"}
        counts = ", ".join(f"{maybe(f'usage.count.{name}', name)} {number}" for name, number in done.items())
        flash(*(text("usage.uploaded", counts=counts), "good") if counts else _nothing_sent(seller))
    instance_id = request.form.get("instance", "")
    return taken("usage.instance", instance_id=instance_id) if instance_id else taken("usage.index")


def _told(instance_id: str, now: datetime) -> tuple[str, str]:
    """What the intake said, as a text and its tone.

    :raises FieldAtFault: the form cannot be used.
    :raises ConnectionError: the intake took nothing.
    """
    shown = context()
    if shown.application is None:
        raise ConnectionError(text("usage.out-of-reach"))
    said = post(shown.application, shown.market.database, shown.market.ids, read_use(request.form, instance_id, now))
    if not said["rejected"]:
        return text("usage.taken", n=said["accepted"]), "good"
    reasons = ", ".join(f"{say(named('usage.reason', each))} ({n})" for each, n in refusals(said).items())
    return text("usage.rejected", n=said["accepted"], reasons=reasons), "warn"


def _nothing_sent(seller: Seller) -> tuple[str, str]:
    """Why, as a text and its tone: what is used in an hour waits for its end."""
    waiting = seller.waiting()
    if not waiting:
        return text("usage.nothing-uploaded"), ""
    amount, until = sum((each.value for each in waiting), Decimal(0)), min(each.until for each in waiting)
    return text("usage.waits", amount=f"{amount.normalize():f}", until=utc(until, "%m-%d %H:%M")), "warn"


def _packages(found: Metered) -> list[Subscription]:
    """The customer's packages, which usage can be taken from."""
    if found.subscription is None:
        return []
    database = context().market.database
    mine = (each for each in database.all(Subscription, found.subscription.customer_id) if each.instance_id)
    return [each for each in mine if database.the(ListedProduct, each.product).charging is Charging.ON_DEMAND_PACKAGE]
