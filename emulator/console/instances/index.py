"""The instances there are, and the story of each: ``step`` is a moment of it, from 0; without one, the latest."""

from datetime import datetime

from flask import Blueprint, render_template, request

from emulator.console.console_context import context, number, page_of
from emulator.console.forms import Redirect, taken
from emulator.console.instances.story import story
from emulator.console.usage.days import UsedTime, of_hour, summed
from emulator.console.usage.instances import BACK
from emulator.marketplace.catalogue.products import ListedProduct
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.subscription import Subscription

page = Blueprint("instances", __name__)


@page.get("/instances")
def index() -> str | Redirect:
    """The subscriptions, newest first; ``id`` leads to the story of one."""
    if wanted := request.args.get("id", "").strip():
        return taken("instances.instance", name=wanted)
    database = context().market.database
    shown, links = page_of(database.all(Subscription)[::-1])
    return render_template(
        "instances/index.html",
        subscriptions=shown,
        **links,
        products={product.id: product for product in database.all(ListedProduct)},
        customers={customer.id: customer for customer in database.all(Customer)},
    )


@page.get("/instances/<name>")
def instance(name: str) -> str | tuple[str, int]:
    market, seller = context().market, context().seller
    found = story(market, seller, name)
    if found is None:
        return render_template("instances/unknown.html", name=name), 404
    last = len(found.times) - 1
    shown = found.at(number("step", last))
    return render_template(
        "instances/story.html",
        story=shown,
        stops=[(stage, found.step_of(stage.at)) for stage in found.stages],
        last=last,
        usage=_used(found.instance_id, shown.now),
        beside=seller is not None,
    )


def _used(instance_id: str, until: datetime) -> UsedTime | None:
    """What the marketplace had taken by then; ``None`` if there is nothing."""
    api = context().usage
    hours = api.hours(instance_id, until - BACK, until) if api and instance_id else []
    return summed(until, [*map(of_hour, hours)]) if hours else None
