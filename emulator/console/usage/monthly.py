"""The month's part of the usage page: start, stop, go on, what came of it, the bills."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from flask import Response as Download
from flask import current_app, flash, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from emulator.console.attached import attached
from emulator.console.clock.index import mover
from emulator.console.clock.mover import Busy
from emulator.console.console_context import ConsoleContext, context, whole
from emulator.console.language import text
from emulator.console.usage.curve import SHAPES
from emulator.console.usage.days import KnownUse, days, months
from emulator.console.usage.downloads import order_bill, usage_bill
from emulator.console.usage.form import Misfilled, decimal_of
from emulator.console.usage.month import SimulatedUse
from emulator.console.usage.used import HOUR, hour_of, used
from emulator.marketplace.subscriptions.orders import PlacedOrder
from emulator.marketplace.subscriptions.subscription import Subscription
from emulator.openapi.usage.record import moment

LENGTHS = {"day": 24, "week": 7 * 24, "month": 30 * 24}
"""Hours."""
BACK = timedelta(days=62)
_USE = "simulated use"


def prepare(setup: BlueprintSetupState) -> None:
    shown: ConsoleContext = setup.app.extensions["console"]
    setup.app.extensions[_USE] = SimulatedUse(shown.market, lambda: shown.application)


def simulated_use() -> SimulatedUse:
    """Of the application that answers the request."""
    found: SimulatedUse = current_app.extensions[_USE]
    return found


def start() -> Response:
    """Use an instance for a while, and move the clock to the end of it."""
    instance_id = request.form.get("instance", "")
    try:
        _start(context(), instance_id)
    except Busy:
        flash(text("clock.busy"), "warn")
    except (Misfilled, KeyError):
        flash(text("usage.month.misfilled"), "warn")
    return redirect(url_for("usage.instance", instance_id=instance_id, by="day"), 303)


def _start(shown: ConsoleContext, instance_id: str) -> None:
    """
    :raises Busy: the clock is being moved.
    :raises KeyError: there is no such length.
    :raises Misfilled: the form, or the instance, cannot be used.
    """
    hours = LENGTHS[request.form.get("length", "month")]
    shape, most = request.form.get("shape", "working"), decimal_of(request.form.get("most", ""))
    subscription = shown.market.instances.subscription(instance_id)
    if shape not in SHAPES or shown.application is None or not _in_use(subscription):
        raise Misfilled
    if mover().moving:
        raise Busy
    plan = simulated_use().start(instance_id, shape, most, whole(request.form.get("seed", ""), 1), hours)
    mover().start(shown.market, plan.end)


def go_on(instance_id: str) -> Response:
    """Move the clock to the end of what was begun."""
    plan = simulated_use().plan(instance_id)
    try:
        if plan and plan.running:
            simulated_use().resume(instance_id)
            mover().start(context().market, max(plan.end, context().market.clock.now() + HOUR))
    except Busy:
        flash(text("clock.busy"), "warn")
    return redirect(url_for("usage.instance", instance_id=instance_id, by="day"), 303)


def stop(instance_id: str) -> Response:
    """No further use; the clock stays where it is."""
    simulated_use().stop(instance_id)
    mover().cancel()
    return redirect(url_for("usage.instance", instance_id=instance_id, by="day"), 303)


def usage_file(instance_id: str) -> Download:
    """The marketplace's bill of an instance and a month in Beijing."""
    api = context().usage
    return _file(usage_bill(api.bill(instance_id=instance_id) if api else [], request.args.get("month", "")), "usage")


def order_file() -> Download:
    """The marketplace's orders of a month in Beijing."""
    orders = context().market.database.all(PlacedOrder)
    return _file(order_bill(orders, request.args.get("month", "")), "orders")


def shown_month(instance_id: str) -> Mapping[str, object]:
    """What the page needs."""
    shown, now = context(), context().market.clock.now()
    found = days(
        shown.usage.hours(instance_id, now - BACK, now) if shown.usage else [], _known(shown, instance_id, now)
    )
    plan, subscription = simulated_use().plan(instance_id), shown.market.instances.subscription(instance_id)
    return {
        "plan": plan,
        "moving": mover().moving and plan is not None and plan.running,
        "shapes": tuple(SHAPES),
        "lengths": tuple(LENGTHS),
        "simulated": shown.application is not None and _in_use(subscription),
        "days": found[::-1],
        "months": months(found)[::-1],
    }


def used_by_hour(shown: ConsoleContext, instance_id: str, first: datetime, last: datetime) -> dict[datetime, Decimal]:
    """From the bundle's books; without them what the console told it."""
    if shown.seller:
        return dict(shown.seller.used_by_hour(instance_id, first, last))
    return {hour: each.value for hour, each in used(shown.market.database, instance_id).items() if hour >= first}


def _known(shown: ConsoleContext, instance_id: str, now: datetime) -> KnownUse:
    waiting: dict[datetime, Decimal] = {}
    for each in shown.seller.waiting() if shown.seller else ():
        if each.instance_id == instance_id:
            waiting[each.until - HOUR] = each.value
    codes = {}
    for refused in shown.usage.abnormal(-1, None, instance_id) if shown.usage else ():
        if at := moment(refused.sent.begin_time):  # a time that is none belongs to no day
            codes[at] = refused.code
    told = used_by_hour(shown, instance_id, hour_of(now - BACK), now)
    return KnownUse(told if told or shown.seller else None, waiting, codes)


def _in_use(subscription: Subscription | None) -> bool:
    return subscription is not None and subscription.live


def _file(content: str, name: str) -> Download:
    month = request.args.get("month", "")[:7]
    safe = "".join(each for each in month if each.isdigit() or each == "-")
    return attached(content, f"{name}-{safe}.csv", "text/csv")
