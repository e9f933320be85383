"""Orders as the marketplace stores them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from emulator.marketplace.storage.database import Document
from emulator.order_ids import line_of
from shared.provisioning import OrderType


class OrderState(StrEnum):
    PAID = "paid"
    """The seller is being told."""
    DONE = "done"
    FAILED = "failed"
    """Nobody tells the seller any more; a restart does."""
    REFUNDED = "refunded"
    """Failed, and the buyer has the money back."""


_LINE = "#"


def line_document(order_id: str, number: int) -> str:
    """The id of an order's line, counted from 1: that of the first is the order's own. Here only."""
    return order_id if number == 1 else f"{order_id}{_LINE}{number}"


class PlacedOrder(Document):
    """One line of an order, nearly always the only one. ``trial``: it costs nothing. ``amount`` is negative where money
    goes back. ``line``: its id, if it is not the usual one. ``accessory``: a product that comes with it.
    ``parameters``: what the buyer filled in, if not what the product says.

    ``expires_at``: when what it buys ends, UTC; ``None`` without a period.
    """

    owned_by = "subscription_id"
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
    line: str = ""
    accessory: str = ""
    parameters: tuple[tuple[str, str], ...] | None = None

    @property
    def number(self) -> str:
        """The order id as it is told."""
        return number_of(self.id)

    @property
    def line_id(self) -> str:
        return self.line or line_of(self.number)


def number_of(document_id: str) -> str:
    """The order id that a line's document belongs to."""
    return document_id.partition(_LINE)[0]


def end_of(start: datetime, days: int) -> datetime | None:
    """A period's last second: the end of a day in Beijing (section 3.10, sample). ``None`` without days."""
    if not days:
        return None
    return (start + timedelta(days=days)).astimezone(UTC).replace(hour=15, minute=59, second=59, microsecond=0)
