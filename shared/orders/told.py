"""What a call tells of the order behind it."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from shared.provisioning import OrderSummary, OrderType

if TYPE_CHECKING:
    from shared.openapi.order import Order

REFUNDS = (OrderType.UNSUBSCRIBE, OrderType.UNSUBSCRIBE_RENEWAL_PERIOD)
"""Orders that give money back; the marketplace spells some of their amounts without a sign."""


@dataclass(frozen=True, slots=True)
class ToldOrder:
    """An order as far as a call tells it. Amounts are exact, in the currency of the site, negative for refunds.

    ``amount`` is what the buyer pays, ``list_amount`` the same before discount; ``None`` where that was not told.
    ``created_at`` (UTC) is when the order was placed. ``unread``: an amount was told that cannot be read.
    """

    order_id: str
    line_id: str | None = None
    type: OrderType | None = None
    amount: Decimal | None = None
    list_amount: Decimal | None = None
    created_at: datetime | None = None
    unread: bool = False

    def summary(self, currency: str) -> OrderSummary:
        """As the seller's product is told of it."""
        amount, listed = (signed(self.type, each) for each in (self.amount, self.list_amount))
        return OrderSummary(self.order_id, self.line_id, self.type, amount, listed, currency, self.created_at)


def signed(kind: OrderType | None, amount: Decimal | None) -> Decimal | None:
    """``amount`` as it counts: what is given back is negative."""
    return -abs(amount) if amount and kind in REFUNDS else amount


def said_of(told: ToldOrder, order: "Order", product_id: str = "") -> ToldOrder:
    """What ``order``, the answer of the order query, says of the line that a call told of; version 1 tells no line, but
    a product.

    :raises OrderNotFound: it has no such line.
    """
    of_product = (each for each in order.lines if each.specification.product_id == product_id)
    line = (None if told.line_id else next(of_product, None)) or order.line(told.line_id)
    return ToldOrder(told.order_id, told.line_id, order.order_type, line.amount, line.list_amount, order.created_at)


def merged(told: ToldOrder, said: ToldOrder) -> ToldOrder:
    """What a call ``told``, with what the order query ``said`` beside it.

    A refund under the id of the order that it gives back (production interfaces, sections 2.4 and 14) came later than
    that one. A renewal is given back in whole (section 10); of what else is, the order does not tell how much.
    """
    kind = told.type or said.type
    borrowed = kind in REFUNDS and said.type not in REFUNDS
    if borrowed and kind is OrderType.UNSUBSCRIBE:
        return told
    return replace(
        told,
        type=kind,
        amount=signed(kind, said.amount if told.amount is None else told.amount),
        list_amount=signed(kind, said.list_amount if told.list_amount is None else told.list_amount),
        created_at=told.created_at or (None if borrowed else said.created_at),
    )
