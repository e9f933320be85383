"""An order that the marketplace notifies of, whether or not an instance of it is known (yet)."""

from typing import TYPE_CHECKING

from shared.orders.book import NOTIFIED, BookedOrder, price_item
from shared.orders.told import ToldOrder, merged

if TYPE_CHECKING:
    from shared.app import App


def note(app: "App", said: ToldOrder) -> None:
    """Keep what the order query ``said`` of it, in one batch. It counts once a call about an instance tells of it."""
    now = app.clock.now()
    told = merged(ToldOrder(said.order_id, said.line_id), said)
    order = BookedOrder(told, "", "", "", first_told=now, last_told=now, outcome=NOTIFIED)
    app.tables.table("instances").put_many([price_item(said, "", now), *order.items()])
