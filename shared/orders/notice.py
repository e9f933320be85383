"""An order that the marketplace notifies of, whether or not an instance of it is known (yet).

Nobody is told before the order query says what the order is. While that does not answer, the notice waits in the
partition ``notices`` of ``agenda`` and the sweep tells it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shared import log
from shared.clock import Deadline, epoch_ms, moment_of
from shared.errors import ConfigurationError, Unavailable
from shared.orders.book import NOTIFIED, BookedOrder, price_item
from shared.orders.told import ToldOrder, merged, said_of
from shared.provisioning import OrderFollower, OrderListener
from shared.store.keys import joined
from shared.store.table import Item
from shared.timeouts import within

if TYPE_CHECKING:
    from shared.app import App

WAITING = "notices"
MOST = 100
"""Of those that wait, in one run."""
SECONDS = 5.0
"""For the order query, and for the seller's product, at most."""
PATIENCE = timedelta(days=1)
"""For how long one waits for the order query; then it is told by its ids alone."""
GIVEN_UP = timedelta(days=3)
"""For how long the seller's product may fail to hear one."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something happened to the order ``at`` that time; ``key`` is that of the provisioner."""

    order_id: str
    line_id: str | None
    key: str = field(repr=False)
    at: datetime

    def item(self) -> Item:
        """As it waits: the oldest first."""
        at = epoch_ms(self.at)
        told = {"order_id": self.order_id, "line_id": self.line_id, "key": self.key, "at_ms": at}
        return {"pk": WAITING, "sk": joined(f"{at:014d}", self.key), **told}


def resolved(app: "App", notice: Notice, deadline: Deadline) -> ToldOrder:
    """What the order query says of the order, which the order book then has; its ids where it is not known there.

    :raises Unavailable: the order query does not answer.
    """
    from shared.openapi.order import OrderNotFound

    told = ToldOrder(notice.order_id, notice.line_id)
    try:
        said = said_of(told, app.orders.find(notice.order_id, notice.line_id, deadline.share(2, SECONDS)))
    except (OrderNotFound, ConfigurationError) as error:
        log.event("order query: a notified order is not known", order_id=notice.order_id, reason=str(error))
        return told
    _note(app, said)
    return merged(told, said)


def tell(app: "App", notice: Notice, told: ToldOrder) -> None:
    """Tell the provisioner, if it listens."""
    listener = app.provisioner
    if isinstance(listener, OrderFollower):
        listener.order_told(told.summary(app.settings.currency), notice.key)
    elif isinstance(listener, OrderListener):
        listener.order_changed(notice.order_id, notice.line_id, notice.key)


def put_off(app: "App", notice: Notice, why: Unavailable) -> None:
    """Let the sweep tell it."""
    app.tables.table("agenda").put_many([notice.item()])
    log.event("order query: a notice waits for it", order_id=notice.order_id, reason=str(why))


def tell_what_waits(app: "App", deadline: Deadline) -> None:
    """Tell the notices that wait, the oldest first, while time enough is left and the order query answers."""
    table = app.tables.table("agenda")
    for item in table.query(WAITING, limit=MOST).items:
        notice = Notice(item["order_id"], item["line_id"], item["key"], moment_of(item["at_ms"]))
        if deadline.left() < SECONDS:
            break
        try:
            told = _told_by_now(app, notice, deadline)
        except Unavailable as error:
            log.event("order query: a notice waits for it", order_id=notice.order_id, reason=str(error))
            break
        if deadline.left() < SECONDS:
            break
        if _heard(app, notice, told, deadline):
            table.delete_many([(item["pk"], item["sk"])])


def _told_by_now(app: "App", notice: Notice, deadline: Deadline) -> ToldOrder:
    try:
        return resolved(app, notice, deadline)
    except Unavailable:
        if app.clock.now() - notice.at < PATIENCE:
            raise
        return ToldOrder(notice.order_id, notice.line_id)


def _heard(app: "App", notice: Notice, told: ToldOrder, deadline: Deadline) -> bool:
    """Need it not be told again?"""
    try:
        within(deadline.share(1, SECONDS), lambda: tell(app, notice, told))
    except Exception as error:  # noqa: BLE001 - whatever a provisioner raises must not keep the others back
        log.failure("a notice of an order was not taken", error, order_id=notice.order_id)
        return app.clock.now() - notice.at >= GIVEN_UP
    return True


def _note(app: "App", said: ToldOrder) -> None:
    """Keep what the order query ``said`` of it, in one batch. It counts once a call about an instance tells of it."""
    now = app.clock.now()
    told = merged(ToldOrder(said.order_id, said.line_id), said)
    order = BookedOrder(told, "", "", "", first_told=now, last_told=now, outcome=NOTIFIED)
    app.tables.table("instances").put_many([price_item(said, "", now), *order.items()])
