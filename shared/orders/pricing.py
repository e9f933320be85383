"""What calls do not tell of an order, the order query does (production interfaces, section 3.10). No call waits for
that: the sweep and the statement ask.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from shared import log
from shared.clock import Deadline, epoch_ms
from shared.errors import ConfigurationError, Unavailable
from shared.orders.book import UNPRICED, BookedOrder, booked, order_key, price_item
from shared.orders.told import said_of
from shared.store.keys import split
from shared.store.table import Item

if TYPE_CHECKING:
    from shared.app import App

MOST = 100
"""Orders that one run asks for."""
SECONDS = 5.0
"""For one of them, at most."""
PATIENCE = timedelta(days=1)
"""For how long the order query may know nothing of an order that a call has told of."""


def price(app: "App", deadline: Deadline) -> int:
    """Ask for the orders whose amount no call told, while time is left; how many are asked for no more."""
    table, settled = app.tables.table("instances"), 0
    for hint in table.query(UNPRICED, limit=MOST).items:
        if not deadline.left():
            break
        item = table.get(*order_key(*split(hint["sk"])))
        try:
            if item and not ask(app, booked(item), deadline, patient=not _old(app, hint)):
                continue
        except (ConfigurationError, Unavailable) as error:
            log.event("order query: amounts of orders are not known yet", reason=str(error))
            break
        table.delete_many([(hint["pk"], hint["sk"])])
        settled += 1
    return settled


def ask(app: "App", order: BookedOrder, deadline: Deadline, *, patient: bool) -> BookedOrder | None:
    """Store what the order query says of an order; the order with that. ``None`` if the order is not known there, and
    is to be asked for again (``patient``).

    :raises Unavailable: it does not answer.
    :raises ConfigurationError: it cannot be asked.
    """
    from shared.openapi.order import OrderNotFound

    told, now = order.told, app.clock.now()
    try:
        answer = app.orders.find(told.order_id, told.line_id, deadline.share(1, SECONDS))
        item = price_item(said_of(told, answer, order.product_id), order.product_id, now)
    except OrderNotFound as error:
        if patient:
            return None
        item = price_item(told, order.product_id, now, str(error))
    priced = order.priced(item)
    app.tables.table("instances").put_many([item, priced.listed()])
    return priced


def _old(app: "App", hint: Item) -> bool:
    return bool(hint["at_ms"] < epoch_ms(app.clock.now() - PATIENCE))
