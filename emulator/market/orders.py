"""What was ordered."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from emulator.market.book import Document
from emulator.order_ids import line_of
from shared.openapi.order import OrderType


class OrderState(StrEnum):
    """Where an order is."""

    PAID = "paid"
    """The seller is being told."""
    DONE = "done"
    FAILED = "failed"
    """Nobody tells the seller any more; a restart does."""
    REFUNDED = "refunded"
    """Failed, and the buyer has the money back."""


class PlacedOrder(Document):
    """An order of one line. ``trial``: it costs nothing. ``amount`` is negative where money goes back.

    ``expires_at``: when what it buys ends, UTC; ``None`` without a period.
    """

    kind: OrderType
    subscription_id: str
    customer_id: str
    product: str
    plan: str
    quantity: int
    amount: Decimal
    placed_at: datetime
    expires_at: datetime | None = None
    trial: bool = False
    state: OrderState = OrderState.PAID

    @property
    def owner(self) -> str:
        return self.subscription_id

    @property
    def line_id(self) -> str:
        """The id of its only line."""
        return line_of(self.id)
