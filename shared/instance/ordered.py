"""The order behind a call, read from the order query (production interfaces, section 3.10)."""

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from shared import log
from shared.clock import Deadline, epoch_ms
from shared.commands import OrderContent, Purchase, Renew, Upgrade
from shared.errors import KooGalleryError
from shared.instance.claims import line_meant

if TYPE_CHECKING:
    from shared.app import App
    from shared.openapi.order import Order, OrderLine

BOUGHT = ("RENEW", "TRIAL_TO_FORMAL", "CHANGE")
"""Types of an order that a return may give back."""


def ordered(app: "App", command: Renew | Upgrade, deadline: Deadline) -> "Order":
    """The order behind ``command``.

    :raises Unavailable: the open API does not answer in time.
    """
    return app.orders.find(command.order_id, command.order_part, deadline)


def order_if_known(app: "App", command: Renew, deadline: Deadline) -> "Order | None":
    """The order behind ``command``, in half the time left; ``None`` if the open API does not tell of the product that
    the command names.
    """
    order = _if_known(app, command.order_id, command.order_part, deadline)
    if order and order.line(command.order_part).specification.product_id == command.product_id:
        return order
    log.event("order query: what was bought is not known, what the call told counts", order_id=command.order_id)
    return None


def created_ms(order: "Order") -> int | None:
    """When the order was placed (``createTime``), in UTC epoch milliseconds, if that can be read."""
    return epoch_ms(order.created_at) if order.created_at else None


def created_if_known(app: "App", order_id: str, deadline: Deadline, *, returned: bool) -> int | None:
    """As :func:`created_ms`, in half the time left; ``None`` if the open API does not tell.

    A return may carry the id of the renewal it gives back (section 14); that order does not tell its time.
    """
    order = _if_known(app, order_id, None, deadline)
    if order is None:
        log.event("order query: when an order was placed is not known, its first call counts", order_id=order_id)
        return None
    return None if returned and order.order_type in BOUGHT else created_ms(order)


def _if_known(app: "App", order_id: str, order_part: str | None, deadline: Deadline) -> "Order | None":
    with suppress(KooGalleryError):
        return app.orders.find(order_id, order_part, Deadline(app.clock, deadline.left() / 2))
    return None


def content_of(app: "App", order_id: str, order_part: str | None, deadline: Deadline) -> OrderContent:
    """What the order says, from the open API (section 3.10).

    :raises Unavailable: the open API does not answer in time.
    """
    order = app.orders.find(order_id, order_part, deadline)
    return content_from(order, order.line(order_part))


def described(app: "App", purchase: Purchase, deadline: Deadline) -> Purchase:
    """A V2 purchase with what its order says, and the line it is about.

    :raises Unavailable: the open API does not answer in time.
    :raises InvalidParameter: the purchase names no line, and the order has several.
    """
    order = app.orders.find(purchase.order_id, purchase.order_part, deadline)
    line = line_meant(order, purchase.order_part)
    return replace(purchase, order_part=line.line_id or purchase.order_part, content=content_from(order, line))


def content_from(order: "Order", line: "OrderLine") -> OrderContent:
    """What one line of an order says about the instance to create."""
    return OrderContent(
        order.buyer,
        line.specification,
        order.order_type == "TRIAL",
        line.expires_at,
        line.amount,
        line.list_amount,
        type=order.order_type,
        created_at=order.created_at,
    )
