"""What a buyer does: each act makes an order where there is one, and a message to the seller."""

from datetime import timedelta

from emulator.market.acts import NotPossible, at_once
from emulator.market.book import Book
from emulator.market.buyers import Customer
from emulator.market.delivery import Deliveries
from emulator.market.ids import Ids
from emulator.market.messages import Message, Purpose
from emulator.market.orders import OrderState, PlacedOrder
from emulator.market.products import ListedProduct, Shelf
from emulator.market.subscriptions import EXPIRED, Standing, Subscription
from emulator.market.till import Till, end_of
from emulator.market.wording import Wording
from shared.clock import Clock
from shared.commands import Version
from shared.openapi.order import OrderType
from shared.provisioning import Charging

USED = (Charging.ON_DEMAND, Charging.ON_DEMAND_PACKAGE)
"""What is paid for after use, or out of a package."""


class Shop:
    """Sells what is on the shelf in ``book``. A subscription has one order under way at most."""

    def __init__(self, book: Book, clock: Clock, ids: Ids, deliveries: Deliveries, wording: Wording) -> None:
        self.book = book
        self._clock = clock
        self._ids = ids
        self._deliveries = deliveries
        self._wording = wording
        self._till = Till(book, clock, ids, deliveries, wording)

    @at_once
    def buy(self, customer_id: str, product_id: str, plan_id: str = "", *, trial: bool = False) -> Subscription:
        """Buy or try a product.

        :raises KeyError: there is no such customer or product.
        :raises NotPossible: it is off the shelf, cannot be tried, or the buyer owes money.
        """
        customer = self.book.the(Customer, customer_id)
        product = self.book.the(ListedProduct, product_id)
        if product.shelf is not Shelf.ON_SALE:
            raise NotPossible("off-shelf", f"{product.name} is {product.shelf}")
        if trial and not product.trial_days:
            raise NotPossible("no-trial", f"{product.name} cannot be tried")
        if customer.arrears and product.charging in USED:
            raise NotPossible("arrears", f"{customer.name} owes money")
        plan = product.plan(plan_id)
        subscription = Subscription(
            id=self._ids.hexadecimal("subscription"),
            customer_id=customer.id,
            product=product.id,
            plan=plan.id,
            order_id="",
            quantity=plan.quantity,
            trial=trial,
        )
        days = product.trial_days if trial else plan.days
        kind = OrderType.TRIAL if trial else OrderType.NEW
        order = self._till.order(kind, subscription, plan, ends=end_of(self._clock.now(), days), trial=trial)
        subscription = subscription.model_copy(update={"order_id": order.id})
        self._till.post(Purpose.PURCHASE, subscription, order)
        return subscription

    @at_once
    def renew(self, subscription_id: str, plan_id: str = "") -> PlacedOrder:
        """Add a period, in another plan if given (in version 2 the seller is asked first: see ``ask_change``).

        :raises NotPossible: it has no period, is a trial, is frozen for another reason than its end, or is gone.
        """
        subscription, product = self._free(subscription_id)
        plan = product.plan(plan_id or subscription.plan)
        if product.charging is not Charging.PERIOD or subscription.trial:
            raise NotPossible("no-period", "there is no period to renew")
        if subscription.frozen_for not in ("", EXPIRED):
            raise NotPossible("frozen", f"it is frozen: {subscription.frozen_for}")
        start = max(self._clock.now(), subscription.expires_at or self._clock.now())
        order = self._till.order(OrderType.RENEW, subscription, plan, ends=end_of(start, plan.days))
        self._till.post(Purpose.RENEWAL, subscription, order, change=plan.id != subscription.plan)
        return order

    @at_once
    def convert(self, subscription_id: str) -> PlacedOrder:
        """Buy what was tried.

        :raises NotPossible: it is no trial.
        """
        subscription, product = self._free(subscription_id)
        if not subscription.trial:
            raise NotPossible("no-trial", "it is no trial")
        plan = product.plan(subscription.plan)
        ends = end_of(self._clock.now(), plan.days)
        order = self._till.order(OrderType.TRIAL_TO_FORMAL, subscription, plan, ends=ends)
        self._till.post(Purpose.TRIAL_TO_FORMAL, subscription, order)
        return order

    @at_once
    def return_renewal(self, subscription_id: str) -> PlacedOrder:
        """Give the last renewed period back before it begins (section 10).

        :raises NotPossible: nothing was renewed, or all of it has begun.
        """
        subscription, product = self._free(subscription_id)
        if not subscription.renewals or not subscription.expires_at:
            raise NotPossible("no-renewal", "no renewed period is left to return")
        plan = product.plan(subscription.plan)
        ends = subscription.expires_at - timedelta(days=plan.days)
        if ends <= self._clock.now():
            raise NotPossible("no-renewal", "the renewed period has begun")
        order = self._till.order(OrderType.UNSUBSCRIBE, subscription, plan, ends=ends, back=True)
        self._till.post(Purpose.RETURN, subscription, order)
        return order

    @at_once
    def upgrade(self, subscription_id: str, plan_id: str) -> PlacedOrder:
        """Change to a larger plan at once.

        :raises NotPossible: the plan is not another one, or the subscription is frozen or gone.
        """
        subscription, product = self._free(subscription_id)
        if subscription.standing is not Standing.ACTIVE or plan_id == subscription.plan:
            raise NotPossible("no-upgrade", "only an active subscription can be upgraded, to another plan")
        order = self._till.order(OrderType.CHANGE, subscription, product.plan(plan_id), ends=subscription.expires_at)
        self._till.post(Purpose.UPGRADE, subscription, order)
        return order

    @at_once
    def unsubscribe(self, subscription_id: str) -> PlacedOrder:
        """Give it back: the seller deletes the instance (section 2.4).

        :raises NotPossible: it is gone.
        """
        subscription, product = self._live(subscription_id)
        plan = product.plan(subscription.plan)
        order = self._till.order(OrderType.UNSUBSCRIBE, subscription, plan, ends=subscription.expires_at, back=True)
        self.release(subscription, order)
        return order

    @at_once
    def release(self, subscription: Subscription, order: PlacedOrder | None = None) -> None:
        """The end of a subscription, by an order or because its time is over."""
        gone = {"standing": Standing.RELEASED, "closed_at": self._clock.now()}
        self._till.post(Purpose.RELEASE, subscription.model_copy(update=gone), order)

    @at_once
    def ask_change(self, subscription_id: str, plan_id: str) -> Message:
        """Ask the seller whether a renewal may change the plan (section 3.7).

        :raises NotPossible: version 1 has no such question, or it is gone.
        """
        subscription, product = self._live(subscription_id)
        if product.version is Version.V1:
            raise NotPossible("no-question", "version 1 has no such question")
        return self._deliveries.post(self._wording.change_check(subscription, product, product.plan(plan_id)))

    @at_once
    def open(self, subscription_id: str) -> Message:
        """The buyer opens the resource's details: version 1 is told of the purchase again, version 2 is queried.

        :raises NotPossible: it is gone.
        """
        subscription, product = self._live(subscription_id)
        return self._deliveries.post(self._wording.opening(subscription, product, self._purchase(subscription)))

    @at_once
    def query(self, subscription_id: str) -> Message:
        """Ask for access and usage.

        :raises NotPossible: it is gone.
        """
        subscription, product = self._live(subscription_id)
        return self._deliveries.post(self._wording.query(subscription, product))

    @at_once
    def freeze(self, subscription_id: str, why: str) -> Message:
        """Freeze for a violation, or whatever else ``why`` says.

        :raises NotPossible: it is not active.
        """
        subscription, _ = self._live(subscription_id)
        if subscription.standing is not Standing.ACTIVE:
            raise NotPossible("not-active", "it is frozen already")
        frozen = {"standing": Standing.FROZEN, "frozen_at": self._clock.now(), "frozen_for": why}
        return self._till.post(Purpose.FREEZE, subscription.model_copy(update=frozen), None)

    @at_once
    def unfreeze(self, subscription_id: str) -> Message:
        """End a freeze that has another reason than the end of the period.

        :raises NotPossible: it is not frozen, or it has expired: that takes a renewal.
        """
        subscription, _ = self._live(subscription_id)
        if subscription.standing is not Standing.FROZEN or subscription.frozen_for == EXPIRED:
            raise NotPossible("not-frozen", "it is not frozen, or only a renewal ends that")
        active = {"standing": Standing.ACTIVE, "frozen_at": None, "frozen_for": ""}
        return self._till.post(Purpose.UNFREEZE, subscription.model_copy(update=active), None)

    def _free(self, subscription_id: str) -> tuple[Subscription, ListedProduct]:
        """One that can be changed by an order: where two would meet, nobody knows which arrives first."""
        found = self._live(subscription_id)
        if any(order.state is OrderState.PAID for order in self.book.all(PlacedOrder, subscription_id)):
            raise NotPossible("busy", "the seller is being told of another order")
        return found

    def _live(self, subscription_id: str) -> tuple[Subscription, ListedProduct]:
        subscription = self.book.the(Subscription, subscription_id)
        if not subscription.live:
            raise NotPossible("gone", f"the subscription is {subscription.standing}")
        return subscription, self.book.the(ListedProduct, subscription.product)

    def _purchase(self, subscription: Subscription) -> PlacedOrder:
        return self.book.the(PlacedOrder, subscription.order_id)
