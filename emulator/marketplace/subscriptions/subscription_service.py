"""What a subscription goes through, each with a message to the seller: it is opened, asked about, frozen, released; and
how an order about it is written.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from emulator.marketplace.catalogue.products import ListedProduct, Plan
from emulator.marketplace.delivery.deliveries import Deliveries
from emulator.marketplace.delivery.message_payloads import MessagePayloads
from emulator.marketplace.delivery.messages import Message, Purpose
from emulator.marketplace.ids import Ids
from emulator.marketplace.storage.database import Database
from emulator.marketplace.storage.transactions import NotPossible, transactional
from emulator.marketplace.subscriptions.orders import OrderState, PlacedOrder, line_document
from emulator.marketplace.subscriptions.subscription import EXPIRED, Subscription, SubscriptionStatus
from shared.clock import Clock
from shared.commands import Version
from shared.provisioning import OrderType


@dataclass
class SubscriptionService:
    """The subscriptions in ``database``. One has one order under way at most, but for the impatient."""

    database: Database
    clock: Clock
    ids: Ids
    deliveries: Deliveries
    payloads: MessagePayloads

    def __post_init__(self) -> None:
        self._holds = self.payloads.signer.holds

    @transactional
    def ask_change(self, subscription_id: str, plan_id: str) -> Message:
        """Ask the seller whether a renewal may change the plan (section 3.7).

        :raises NotPossible: version 1 has no such question, or it is gone.
        """
        subscription, product = self._live(subscription_id)
        if product.version is Version.V1:
            raise NotPossible("no-question", "version 1 has no such question")
        return self.deliveries.post(self.payloads.change_check(subscription, product.plan(plan_id)))

    @transactional
    def open(self, subscription_id: str) -> Message:
        """The buyer opens the resource's details: version 1 is told of the purchase again, version 2 is queried.

        :raises NotPossible: it is gone.
        """
        subscription, _ = self._live(subscription_id)
        purchase = self.database.all(PlacedOrder, subscription.id)[0]
        return self.deliveries.post(self.payloads.opening(subscription, purchase))

    @transactional
    def query(self, subscription_id: str) -> Message:
        """Ask for access and usage.

        :raises NotPossible: it is gone.
        """
        subscription, _ = self._live(subscription_id)
        return self.deliveries.post(self.payloads.query(subscription))

    @transactional
    def freeze(self, subscription_id: str, why: str) -> Message:
        """Freeze for a violation, or whatever else ``why`` says.

        :raises NotPossible: it is not active.
        """
        subscription, _ = self._live(subscription_id)
        if subscription.status is not SubscriptionStatus.ACTIVE:
            raise NotPossible("not-active", "it is frozen already")
        frozen = {"status": SubscriptionStatus.FROZEN, "frozen_at": self.clock.now(), "frozen_for": why}
        return self._post(Purpose.FREEZE, subscription.model_copy(update=frozen), None)

    @transactional
    def unfreeze(self, subscription_id: str) -> Message:
        """End a freeze that has another reason than the end of the period.

        :raises NotPossible: it is not frozen, or it has expired: that takes a renewal.
        """
        subscription, _ = self._live(subscription_id)
        if subscription.status is not SubscriptionStatus.FROZEN or subscription.frozen_for == EXPIRED:
            raise NotPossible("not-frozen", "it is not frozen, or only a renewal ends that")
        active = {"status": SubscriptionStatus.ACTIVE, "frozen_at": None, "frozen_for": ""}
        return self._post(Purpose.UNFREEZE, subscription.model_copy(update=active), None)

    @transactional
    def release(self, subscription: Subscription, order: PlacedOrder | None = None) -> None:
        """The end of a subscription, by an order or because its time is over."""
        gone = {"status": SubscriptionStatus.RELEASED, "closed_at": self.clock.now()}
        self._post(Purpose.RELEASE, subscription.model_copy(update=gone), order)

    def _live(self, subscription_id: str) -> tuple[Subscription, ListedProduct]:
        subscription = self.database.the(Subscription, subscription_id)
        if not subscription.live:
            raise NotPossible("gone", f"the subscription is {subscription.status}")
        return subscription, self.database.the(ListedProduct, subscription.product)

    def _free(self, subscription_id: str, kind: OrderType | None = None) -> tuple[Subscription, ListedProduct]:
        """One that can be changed by an order: where two would meet, nobody knows which arrives first. The impatient do
        not wait for an order of the same ``kind``, once the seller has answered a call about it: what else would tell
        the seller of version 1 which of the two is newer?
        """
        found = self._live(subscription_id)
        under_way = self._under_way(subscription_id)
        impatient = {order.kind for order in under_way} == {kind} and self._holds("impatient", subscription_id)
        if under_way and not (impatient and self._heard_of(under_way)):
            raise NotPossible("busy", "the seller is being told of another order")
        return found

    def _under_way(self, subscription_id: str) -> list[PlacedOrder]:
        """What the seller has to be told of, by a restart if nothing else."""
        orders = self.database.all(PlacedOrder, subscription_id)
        return [order for order in orders if order.state in {OrderState.PAID, OrderState.FAILED}]

    def _heard_of(self, orders: list[PlacedOrder]) -> bool:
        told = {each.order_id for each in self.database.all(Message, orders[0].subscription_id) if each.code}
        return told.issuperset(order.id for order in orders)

    def as_ordered(self, subscription: Subscription) -> Subscription:
        """As it will be once the seller has done what was ordered."""
        ordered = self._under_way(subscription.id)
        latest = {"plan": ordered[-1].plan, "expires_at": ordered[-1].expires_at} if ordered else {}
        return subscription.model_copy(update=latest)

    def _order(
        self,
        kind: OrderType,
        subscription: Subscription,
        plan: Plan,
        *,
        ends: datetime | None,
        trial: bool = False,
        back: bool = False,
        beside: PlacedOrder | None = None,
        place: int = 1,
        parameters: tuple[tuple[str, str], ...] | None = None,
    ) -> PlacedOrder:
        """An order of now; ``back``: the money goes back; ``beside``: it is another line of that order, in ``place``,
        counted from 1.
        """
        now, holds = self.clock.now(), self._holds
        amount = Decimal("0.00") if trial else -plan.price if back else plan.price
        number = beside.id if beside else self.ids.order(now)
        first = 17 if holds("line-numbers", number) else 1
        return PlacedOrder(
            id=line_document(number, place),
            line=f"{number}-{first + place - 1:06}" if beside or first > 1 else "",
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
            parameters=parameters,
        )

    def _post(self, purpose: Purpose, subscription: Subscription, order: PlacedOrder | None, **more: Any) -> Message:
        """Keep a subscription and the order it has, and tell the seller."""
        self.database.put(subscription, *([order] if order else []))
        return self.deliveries.post(self.payloads.message(purpose, subscription, order, **more))
