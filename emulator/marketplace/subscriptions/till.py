"""Writes orders, and has the seller told of them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from emulator.marketplace.catalogue.products import ListedProduct, Plan
from emulator.marketplace.delivery.deliveries import Deliveries
from emulator.marketplace.delivery.message_payloads import MessagePayloads
from emulator.marketplace.delivery.messages import Message, Purpose
from emulator.marketplace.ids import Ids
from emulator.marketplace.storage.database import Database
from emulator.marketplace.subscriptions.orders import SECOND, PlacedOrder, number_of
from emulator.marketplace.subscriptions.subscription import Subscription
from shared.clock import Clock
from shared.openapi.order import OrderType


class Till:
    """Where the shop's orders are made."""

    def __init__(
        self, database: Database, clock: Clock, ids: Ids, deliveries: Deliveries, payloads: MessagePayloads
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._deliveries = deliveries
        self._payloads = payloads

    def order(
        self,
        kind: OrderType,
        subscription: Subscription,
        plan: Plan,
        *,
        ends: datetime | None,
        trial: bool = False,
        back: bool = False,
        beside: PlacedOrder | None = None,
    ) -> PlacedOrder:
        """An order of now; ``back``: the money goes back; ``beside``: it is the second line of that order."""
        now, holds = self._clock.now(), self._payloads.holds
        amount = Decimal("0.00") if trial else -plan.price if back else plan.price
        order_id = f"{beside.id}{SECOND}" if beside else self._ids.order(now)
        number = number_of(order_id)
        first = 17 if holds("line-numbers", number) else 1
        return PlacedOrder(
            id=order_id,
            line=f"{number}-{first + bool(beside):06}" if beside or first > 1 else "",
            accessory=f"{plan.id}-a" if holds("accessory", number) else "",
            kind=kind,
            subscription_id=subscription.id,
            customer_id=subscription.customer_id,
            product=subscription.product,
            plan=plan.id,
            quantity=plan.quantity,
            amount=amount,
            placed_at=now,
            expires_at=ends,
            trial=trial,
        )

    def post(self, purpose: Purpose, subscription: Subscription, order: PlacedOrder | None, **more: Any) -> Message:
        """Keep a subscription and the order it has, and tell the seller."""
        product = self._database.the(ListedProduct, subscription.product)
        self._database.put(subscription, *([order] if order else []))
        return self._deliveries.post(self._payloads.message(purpose, subscription, product, order, **more))


def end_of(start: datetime, days: int) -> datetime | None:
    """A period's last second: the end of a day in Beijing (section 3.10, sample). ``None`` without days."""
    if not days:
        return None
    return (start + timedelta(days=days)).astimezone(UTC).replace(hour=15, minute=59, second=59, microsecond=0)
