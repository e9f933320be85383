"""What the open API tells of an order that changes an instance (production interfaces, section 3.10)."""

from typing import TYPE_CHECKING

from shared import log
from shared.clock import Deadline, epoch_ms
from shared.commands import Renew, Upgrade
from shared.errors import KooGalleryError

if TYPE_CHECKING:
    from shared.app import App
    from shared.openapi.order import Order

BOUGHT = ("RENEW", "TRIAL_TO_FORMAL", "CHANGE")
"""Types of an order that a return may give back."""


def ordered(app: "App", command: Renew | Upgrade, deadline: Deadline) -> "Order":
    """The order behind ``command``.

    :raises Unavailable: the open API does not answer in time.
    """
    return app.orders.find(command.order_id, command.order_part, deadline)


def created_ms(order: "Order") -> int | None:
    """When the order was placed (``createTime``), in UTC epoch milliseconds, if that can be read."""
    return epoch_ms(order.created_at) if order.created_at else None


def created_if_known(app: "App", order_id: str, deadline: Deadline, *, returned: bool) -> int | None:
    """As :func:`created_ms`, in half the time left; ``None`` if the open API does not tell.

    A return may carry the id of the renewal it gives back (section 14); that order does not tell its time.
    """
    try:
        order = app.orders.find(order_id, None, Deadline(app.clock, deadline.left() / 2))
    except KooGalleryError:
        log.event("order query: when an order was placed is not known, its first call counts", order_id=order_id)
        return None
    return None if returned and order.order_type in BOUGHT else created_ms(order)
