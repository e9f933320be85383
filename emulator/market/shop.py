"""What a buyer does: each act makes an order where there is one, and a message to the seller."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from emulator.market.book import Book
from emulator.market.buyers import Customer
from emulator.market.delivery import Deliveries
from emulator.market.ids import Ids
from emulator.market.messages import Message, Purpose
from emulator.market.orders import PlacedOrder
from emulator.market.products import ListedProduct, Plan, Shelf
from emulator.market.subscriptions import Standing, Subscription
from emulator.market.wording import Wording
from shared.clock import Clock
from shared.commands import Version
from shared.openapi.order import OrderType


class NotPossible(Exception):
    """The buyer cannot do that; the text says why, in English. ``reason`` names it for translation."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class Shop:
    """Sells what is on the shelf in ``book``."""

    def __init__(self, book: Book, clock: Clock, ids: Ids, deliveries: Deliveries, wording: Wording) -> None:
        self._book = book
        self._clock = clock
        self._ids = ids
        self._deliveries = deliveries
        self._wording = wording

    def buy(self, customer_id: str, product_id: str, plan_id: str = "", *, trial: bool = False) -> Subscription:
        """Buy or try a product.

        :raises KeyError: there is no such customer or product.
        :raises NotPossible: it is off the shelf, or cannot be tried.
        """
        product = self._book.the(ListedProduct, product_id)
        if product.shelf is not Shelf.ON_SALE:
            raise NotPossible("off-shelf", f"{product.name} is {product.shelf}")
        if trial and not product.trial_days:
            raise NotPossible("no-trial", f"{product.name} cannot be tried")
        plan = product.plan(plan_id)
        subscription = Subscription(
            id=self._ids.hexadecimal("subscription"),
            customer_id=self._book.the(Customer, customer_id).id,
            product=product.id,
            plan=plan.id,
            order_id="",
            quantity=plan.quantity,
            trial=trial,
        )
        days = product.trial_days if trial else plan.days
        kind = OrderType.TRIAL if trial else OrderType.NEW
        order = self._order(kind, subscription, plan, ends=self._end(self._clock.now(), days), trial=trial)
        subscription = subscription.model_copy(update={"order_id": order.id})
        self._post(Purpose.PURCHASE, subscription, order)
        return subscription

    def renew(self, subscription_id: str, plan_id: str = "") -> PlacedOrder:
        """Add a period, in another plan if given (in version 2 the seller is asked first: see ``ask_change``).

        :raises NotPossible: it has no period, is a trial, or is gone.
        """
        subscription, product = self._live(subscription_id)
        plan = product.plan(plan_id or subscription.plan)
        if not plan.days or subscription.trial:
            raise NotPossible("no-period", "there is no period to renew")
        start = max(self._clock.now(), subscription.expires_at or self._clock.now())
        order = self._order(OrderType.RENEW, subscription, plan, ends=self._end(start, plan.days))
        self._post(Purpose.RENEWAL, subscription, order, change=plan.id != subscription.plan)
        return order

    def convert(self, subscription_id: str) -> PlacedOrder:
        """Buy what was tried.

        :raises NotPossible: it is no trial.
        """
        subscription, product = self._live(subscription_id)
        if not subscription.trial:
            raise NotPossible("no-trial", "it is no trial")
        plan = product.plan(subscription.plan)
        ends = self._end(self._clock.now(), plan.days)
        order = self._order(OrderType.TRIAL_TO_FORMAL, subscription, plan, ends=ends)
        self._post(Purpose.TRIAL_TO_FORMAL, subscription, order)
        return order

    def return_renewal(self, subscription_id: str) -> PlacedOrder:
        """Give the last renewed period back (section 10).

        :raises NotPossible: nothing was renewed.
        """
        subscription, product = self._live(subscription_id)
        if not subscription.renewals or not subscription.expires_at:
            raise NotPossible("no-renewal", "no renewed period is left to return")
        plan = product.plan(subscription.plan)
        ends = subscription.expires_at - timedelta(days=plan.days)
        order = self._order(OrderType.UNSUBSCRIBE, subscription, plan, ends=ends, back=True)
        self._post(Purpose.RETURN, subscription, order)
        return order

    def upgrade(self, subscription_id: str, plan_id: str) -> PlacedOrder:
        """Change to a larger plan at once.

        :raises NotPossible: the plan is not another one, or the subscription is frozen or gone.
        """
        subscription, product = self._live(subscription_id)
        if subscription.standing is not Standing.ACTIVE or plan_id == subscription.plan:
            raise NotPossible("no-upgrade", "only an active subscription can be upgraded, to another plan")
        order = self._order(OrderType.CHANGE, subscription, product.plan(plan_id), ends=subscription.expires_at)
        self._post(Purpose.UPGRADE, subscription, order)
        return order

    def unsubscribe(self, subscription_id: str) -> PlacedOrder:
        """Give it back: the seller deletes the instance (section 2.4).

        :raises NotPossible: it is gone.
        """
        subscription, product = self._live(subscription_id)
        plan = product.plan(subscription.plan)
        order = self._order(OrderType.UNSUBSCRIBE, subscription, plan, ends=subscription.expires_at, back=True)
        self.release(subscription, order)
        return order

    def release(self, subscription: Subscription, order: PlacedOrder | None = None) -> None:
        """The end of a subscription, by an order or because its time is over."""
        gone = {"standing": Standing.RELEASED, "closed_at": self._clock.now()}
        released = subscription.model_copy(update=gone)
        self._book.put(released)
        self._post(Purpose.RELEASE, released, order)

    def ask_change(self, subscription_id: str, plan_id: str) -> Message:
        """Ask the seller whether a renewal may change the plan (section 3.7).

        :raises NotPossible: version 1 has no such question, or it is gone.
        """
        subscription, product = self._live(subscription_id)
        if product.version is Version.V1:
            raise NotPossible("no-question", "version 1 has no such question")
        return self._deliveries.post(self._wording.change_check(subscription, product, product.plan(plan_id)))

    def open(self, subscription_id: str) -> Message:
        """The buyer opens the resource's details: version 1 is told of the purchase again, version 2 is queried.

        :raises NotPossible: it is gone.
        """
        subscription, product = self._live(subscription_id)
        return self._deliveries.post(self._wording.opening(subscription, product, self._purchase(subscription)))

    def query(self, subscription_id: str) -> Message:
        """Ask for access and usage.

        :raises NotPossible: it is gone.
        """
        subscription, product = self._live(subscription_id)
        return self._deliveries.post(self._wording.query(subscription, product))

    def freeze(self, subscription_id: str, why: str) -> Message:
        """Freeze for a violation, or whatever else ``why`` says.

        :raises NotPossible: it is not active.
        """
        subscription, product = self._live(subscription_id)
        if subscription.standing is not Standing.ACTIVE:
            raise NotPossible("not-active", "it is frozen already")
        frozen = {"standing": Standing.FROZEN, "frozen_at": self._clock.now(), "frozen_for": why}
        return self._status(Purpose.FREEZE, subscription.model_copy(update=frozen), product)

    def unfreeze(self, subscription_id: str) -> Message:
        """End a freeze that has another reason than the end of the period.

        :raises NotPossible: it is not frozen, or it has expired: that takes a renewal.
        """
        subscription, product = self._live(subscription_id)
        if subscription.standing is not Standing.FROZEN or subscription.frozen_for == "expired":
            raise NotPossible("not-frozen", "it is not frozen, or only a renewal ends that")
        active = {"standing": Standing.ACTIVE, "frozen_at": None, "frozen_for": ""}
        return self._status(Purpose.UNFREEZE, subscription.model_copy(update=active), product)

    def _status(self, purpose: Purpose, subscription: Subscription, product: ListedProduct) -> Message:
        with self._book.changing():
            self._book.put(subscription)
            return self._deliveries.post(self._wording.message(purpose, subscription, product, None))

    def _live(self, subscription_id: str) -> tuple[Subscription, ListedProduct]:
        subscription = self._book.the(Subscription, subscription_id)
        if not subscription.live:
            raise NotPossible("gone", f"the subscription is {subscription.standing}")
        return subscription, self._book.the(ListedProduct, subscription.product)

    def _purchase(self, subscription: Subscription) -> PlacedOrder:
        return self._book.the(PlacedOrder, subscription.order_id)

    def _order(
        self,
        kind: OrderType,
        subscription: Subscription,
        plan: Plan,
        *,
        ends: datetime | None,
        trial: bool = False,
        back: bool = False,
    ) -> PlacedOrder:
        now = self._clock.now()
        amount = Decimal("0.00") if trial else -plan.price if back else plan.price
        return PlacedOrder(
            id=self._ids.order(now),
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

    def _post(self, purpose: Purpose, subscription: Subscription, order: PlacedOrder | None, **more: Any) -> Message:
        product = self._book.the(ListedProduct, subscription.product)
        with self._book.changing():
            self._book.put(subscription, *([order] if order else []))
            return self._deliveries.post(self._wording.message(purpose, subscription, product, order, **more))

    def _end(self, start: datetime, days: int) -> datetime | None:
        """A period's last second: the end of a day in Beijing (section 3.10, sample)."""
        if not days:
            return None
        return (start + timedelta(days=days)).astimezone(UTC).replace(hour=15, minute=59, second=59, microsecond=0)
