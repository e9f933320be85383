"""A simulated month: a page of how far it is and what came of it, whose address stays; stopped, and gone on with."""

from collections.abc import Sequence

from flask import abort, render_template, url_for

from emulator.console.clock.index import set_off
from emulator.console.console_context import ConsoleContext, context
from emulator.console.forms import Redirect, taken
from emulator.console.usage.books import Books
from emulator.console.usage.chart import SPANS, slots
from emulator.console.usage.days import months, summed
from emulator.console.usage.drawing import drawing
from emulator.console.usage.instances import look_up
from emulator.console.usage.month_form import LENGTHS
from emulator.console.usage.months import SimulatedMonth, SimulatedMonths
from emulator.console.usage.used import HOUR
from emulator.marketplace.catalogue.products import ListedProduct
from shared.clock import BEIJING

SHOWN = 5


def newest(shown: ConsoleContext) -> Sequence[tuple[SimulatedMonth, str, ListedProduct | None]]:
    """The latest months, each with the name of its length and its product, as far as that is known."""
    found = shown.market.database.all(SimulatedMonth, newest=SHOWN)
    return [(each, _length(each), _product(shown, each)) for each in found]


def go_on(number: str) -> Redirect:
    """Move the clock to the end of what was begun."""
    market, month = context().market, _known(number)
    if month.running:
        SimulatedMonths(market).resume(number)
        set_off(max(month.end, market.clock.now() + HOUR), url_for("usage.month", number=number))
    return taken("usage.month", number=number)


def stop(number: str) -> Redirect:
    """No further use; the clock stays where it is."""
    SimulatedMonths(context().market).stop(_known(number).id)
    context().mover.cancel()
    return taken("usage.month", number=number)


def show(number: str) -> str:
    """What was used, billed and refused in a simulated month, and whether that adds up. Its address stays."""
    shown = context()
    moving, now = shown.mover.moving, shown.market.clock.now()  # first: when it has arrived, all else is of the end
    month = _known(number)
    books = Books(shown, month.instance_id, *month.window)
    found = books.days()
    span, first = SPANS["hour"]._replace(slots=month.hours), month.window[0]
    if month.hours > SPANS["hour"].slots or month.daily:
        first -= first.astimezone(BEIJING).hour * HOUR
        span = SPANS["day"]._replace(slots=(month.window[1] - first) // SPANS["day"].length + 1)
    columns = slots(first, span, books.hours, books.used)
    return render_template(
        "usage/simulated.html",
        month=month,
        length=_length(month),
        found=look_up(shown, month.instance_id),
        total=summed(first, found),
        days=found,
        months=[f"{each.begin:%Y-%m}" for each in months(found)],
        moving=moving and now < month.end,
        slots=columns,
        span=span,
        drawing=drawing(columns, span),
    )


def _length(month: SimulatedMonth) -> str:
    return next((name for name, hours in LENGTHS.items() if hours == month.hours), "month")


def _product(shown: ConsoleContext, month: SimulatedMonth) -> ListedProduct | None:
    subscription = shown.market.instances.subscription(month.instance_id)
    return shown.market.database.get(ListedProduct, subscription.product) if subscription else None


def _known(number: str) -> SimulatedMonth:
    return context().market.database.get(SimulatedMonth, number) or abort(404)
