"""Actions of a buyer: each one makes an order where there is one, and a message to the seller."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from emulator.marketplace.catalogue.products import ListedProduct, Plan, Shelf
from emulator.marketplace.delivery.messages import Purpose
from emulator.marketplace.storage.transactions import NotPossible, transactional
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.orders import PlacedOrder, end_of
from emulator.marketplace.subscriptions.returns import check_return
from emulator.marketplace.subscriptions.subscription import EXPIRED, Subscription, SubscriptionStatus
from emulator.marketplace.subscriptions.subscription_service import SubscriptionService
from shared.provisioning import Charging, OrderType

TRIED = 7
"""Days of a trial of what has none by itself."""
USED = (Charging.ON_DEMAND, Charging.ON_DEMAND_PACKAGE)
"""What is paid for after use, or out of a package."""


class Shop(SubscriptionService):
    """Sells the products in ``database`` that are on sale."""

    @transactional
    def buy(
        self,
        customer_id: str,
        product_id: str,
        plan_id: str = "",
        *,
        trial: bool = False,
        parameters: Mapping[str, str] | None = None,
    ) -> Subscription:
        """Buy or try a product.

        :param parameters: what the buyer fills in, if not what the product says; other names count for nothing.
        :raises KeyError: there is no such customer or product.
        :raises NotPossible: it is off the shelf, cannot be tried, or the buyer owes money.
        """
        customer = self.database.the(Customer, customer_id)
        product = self.database.the(ListedProduct, product_id)
        if product.shelf is not Shelf.ON_SALE:
            raise NotPossible("off-shelf", f"{product.name} is {product.shelf}")
        days = self.trial_days(product) if trial else product.plan(plan_id).days
        if trial and not days:
            raise NotPossible("no-trial", f"{product.name} cannot be tried")
        if customer.arrears and product.charging in USED:
            raise NotPossible("arrears", f"{customer.name} owes money")
        ends = end_of(self.clock.now(), days)
        told = _filled_in(product, parameters or {})
        subscription, order = self._sold(customer, product, product.plan(plan_id), ends, trial=trial, parameters=told)
        several = not trial and (product.together or self._holds("several-products", order.id))
        for place, item in enumerate(product.items if several else (), 2):
            self._sold(customer, product, item, ends, beside=order, place=place, parameters=told)
        return subscription

    def _sold(
        self,
        customer: Customer,
        product: ListedProduct,
        plan: Plan,
        ends: datetime | None,
        *,
        trial: bool = False,
        **line: Any,
    ) -> tuple[Subscription, PlacedOrder]:
        subscription = Subscription(
            id=self.ids.hexadecimal("subscription"),
            customer_id=customer.id,
            product=product.id,
            plan=plan.id,
            order_id="",
            quantity=plan.quantity,
            trial=trial,
        )
        kind = OrderType.TRIAL if trial else OrderType.NEW
        order = self._order(kind, subscription, plan, ends=ends, trial=trial, **line)
        subscription = subscription.model_copy(update={"order_id": order.number})
        self._post(Purpose.PURCHASE, subscription, order)
        return subscription, order

    def trial_days(self, product: ListedProduct) -> int:
        """For how long a product can be tried; 0 for not at all."""
        metered = product.charging is Charging.ON_DEMAND and self._holds("trial-of-metered", product.id)
        return TRIED if metered else product.trial_days

    @transactional
    def renew(self, subscription_id: str, plan_id: str = "") -> PlacedOrder:
        """Add a period, in another plan if given (in version 2 the seller is asked first: see ``ask_change``).

        :raises NotPossible: it has no period, is a trial, is frozen for another reason than its end, or is gone.
        """
        subscription, product = self._free(subscription_id, OrderType.RENEW)
        subscription = self.as_ordered(subscription)
        plan = product.plan(plan_id or subscription.plan)
        if product.charging is not Charging.PERIOD or subscription.trial:
            raise NotPossible("no-period", "there is no period to renew")
        paused = subscription.frozen_for not in ("", EXPIRED)
        if paused and not self._holds("violators-renew", subscription.id):
            raise NotPossible("frozen", f"it is frozen: {subscription.frozen_for}")
        start = max(self.clock.now(), subscription.expires_at or self.clock.now())
        order = self._order(OrderType.RENEW, subscription, plan, ends=end_of(start, plan.days))
        self._post(Purpose.RENEWAL, subscription, order, change=plan.id != subscription.plan)
        return order

    @transactional
    def convert(self, subscription_id: str) -> PlacedOrder:
        """Buy what was tried.

        :raises NotPossible: it is no trial.
        """
        subscription, product = self._free(subscription_id)
        if not subscription.trial:
            raise NotPossible("no-trial", "it is no trial")
        plan = product.plan(subscription.plan)
        ends = end_of(self.clock.now(), plan.days)
        order = self._order(OrderType.TRIAL_TO_FORMAL, subscription, plan, ends=ends)
        self._post(Purpose.TRIAL_TO_FORMAL, subscription, order)
        return order

    @transactional
    def return_renewal(self, subscription_id: str) -> PlacedOrder:
        """Give the last renewed period back before it begins, in whole (section 10).

        :raises NotPossible: nothing was renewed, or all of it has begun.
        """
        subscription, product = self._free(subscription_id)
        if not subscription.renewals or not subscription.expires_at:
            raise NotPossible("no-renewal", "no renewed period is left to return")
        plan = product.plan(subscription.plan)
        ends = subscription.expires_at - timedelta(days=plan.days)
        if ends <= self.clock.now():
            raise NotPossible("no-renewal", "the renewed period has begun")
        renewal = self.database.the(PlacedOrder, subscription.renewals[-1])
        order = self._order(OrderType.UNSUBSCRIBE, subscription, plan, ends=ends, back=True)
        order = order.model_copy(update={"amount": -renewal.amount})
        own = self._holds("own-order-id", subscription.id)
        self._post(Purpose.RETURN, subscription, order, under=renewal if own else None)
        return order

    @transactional
    def upgrade(self, subscription_id: str, plan_id: str) -> PlacedOrder:
        """Change to a larger plan at once.

        :raises NotPossible: the plan is not a larger one, or the subscription is frozen or gone. Only a renewal may
            make it smaller, once the seller has been asked (section 3.7).
        """
        subscription, product = self._free(subscription_id, OrderType.CHANGE)
        larger = [plan.id for plan in product.larger(self.as_ordered(subscription).plan)]
        if subscription.status is not SubscriptionStatus.ACTIVE or plan_id not in larger:
            raise NotPossible("no-upgrade", "only an active subscription can be upgraded, to a larger plan")
        order = self._order(OrderType.CHANGE, subscription, product.plan(plan_id), ends=subscription.expires_at)
        self._post(Purpose.UPGRADE, subscription, order)
        return order

    @transactional
    def unsubscribe(self, subscription_id: str) -> PlacedOrder:
        """Give it back: the seller deletes the instance (section 2.4).

        :raises NotPossible: it is gone, or cannot be returned (section 10).
        """
        subscription, product = self._live(subscription_id)
        if product.charging in USED and not subscription.trial:
            raise NotPossible("not-refundable", "what is paid by use, or a package, cannot be returned")
        if self._holds("strict-returns", subscription.customer_id):
            check_return(self.database, subscription, self.clock.now())
        plan = product.plan(subscription.plan)
        order = self._order(OrderType.UNSUBSCRIBE, subscription, plan, ends=subscription.expires_at, back=True)
        if subscription.trial:
            order = order.model_copy(update={"amount": Decimal("0.00")})
        self.release(subscription, order)
        return order

    @transactional
    def close(self, subscription_id: str) -> None:
        """The buyer stops what is paid by use: no money goes back, the seller deletes the instance. The documents know
        that a resource is closed (metering and open APIs, section 2.4), not by which click: that there is one is ours.

        :raises NotPossible: it is gone, or is paid for in advance.
        """
        subscription, product = self._live(subscription_id)
        if product.charging not in USED:
            raise NotPossible("not-used", "only what is paid by use can be closed")
        self.release(subscription)


def _filled_in(product: ListedProduct, parameters: Mapping[str, str]) -> tuple[tuple[str, str], ...] | None:
    told = tuple((name, parameters.get(name, value)) for name, value in product.parameters)
    return None if told == product.parameters else told
