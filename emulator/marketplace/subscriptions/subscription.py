"""A subscription as the marketplace stores it."""

from datetime import datetime
from enum import StrEnum

from emulator.marketplace.storage.database import Document

EXPIRED, ARREARS = "expired", "arrears"
"""Reasons to freeze that the marketplace has itself."""


class SubscriptionStatus(StrEnum):
    OPENING = "opening"
    """Paid; the seller has not answered yet."""
    ACTIVE = "active"
    FROZEN = "frozen"
    """Expired, in arrears or in violation; the data is kept."""
    RELEASED = "released"
    REFUNDED = "refunded"
    """Never opened: the order failed."""


class Subscription(Document):
    """One instance. ``instance_id`` is the seller's, empty until it answered.

    ``order_id`` is that of the purchase. ``renewals``: orders of periods that may still be returned, the latest last.
    ``frozen_for``: why, ``EXPIRED``, ``ARREARS`` or e.g. ``violation``; ``frozen_before``: for what it was frozen when
    it expired, which a renewal does not end (production interfaces, section 14).
    """

    owned_by = "customer_id"
    customer_id: str
    product: str
    plan: str
    order_id: str
    quantity: int
    instance_id: str = ""
    status: SubscriptionStatus = SubscriptionStatus.OPENING
    trial: bool = False
    opened_at: datetime | None = None
    expires_at: datetime | None = None
    frozen_at: datetime | None = None
    frozen_for: str = ""
    frozen_before: str = ""
    closed_at: datetime | None = None
    renewals: tuple[str, ...] = ()

    @property
    def live(self) -> bool:
        """Is there something that can be renewed, changed or released?"""
        return self.status in (SubscriptionStatus.ACTIVE, SubscriptionStatus.FROZEN)
