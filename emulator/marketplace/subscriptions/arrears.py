"""Customers who owe money: what is paid for after use, or out of a package, is frozen after a time of grace, and
released when the retention is over (production interfaces, sections 2.6 and 10).
"""

from dataclasses import dataclass
from datetime import timedelta

from emulator.marketplace.catalogue.products import ListedProduct
from emulator.marketplace.storage.agenda import MarketAgenda
from emulator.marketplace.storage.database import Database
from emulator.marketplace.storage.transactions import transactional
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.expiry import RELEASE, RETENTION
from emulator.marketplace.subscriptions.shop import USED, Shop
from emulator.marketplace.subscriptions.subscription import ARREARS, Subscription, SubscriptionStatus
from shared.clock import Clock

GRACE = timedelta(days=1)
"""Between a negative balance and the freeze. There is such a time, but no page tells its length: a day is ours."""
AGAIN = timedelta(days=1)
"""How often what was unfrozen meanwhile, since a violation is over, is frozen too."""
FREEZE = "arrears"
"""Task: freeze what a customer has."""


@dataclass
class Arrears:
    """The customers in ``database`` whose balance is negative."""

    database: Database
    agenda: MarketAgenda
    clock: Clock
    shop: Shop

    def __post_init__(self) -> None:
        self.agenda.handle(FREEZE, self._freeze)

    @transactional
    def fall_into_arrears(self, customer_id: str) -> None:
        """The balance goes negative; if it is so already, nothing changes.

        :raises KeyError: there is no such customer.
        """
        customer = self.database.the(Customer, customer_id)
        if not customer.arrears:
            self.database.put(customer.model_copy(update={"arrears": True}))
            self.agenda.put(FREEZE, customer_id, self.clock.now() + GRACE)

    @transactional
    def pay(self, customer_id: str) -> None:
        """The balance is positive again: what is left is unfrozen.

        :raises KeyError: there is no such customer.
        """
        self.database.put(self.database.the(Customer, customer_id).model_copy(update={"arrears": False}))
        self.agenda.drop(FREEZE, customer_id)
        for subscription in self.database.all(Subscription, customer_id):
            if subscription.status is SubscriptionStatus.FROZEN and subscription.frozen_for == ARREARS:
                self.shop.unfreeze(subscription.id)
                self.agenda.drop(RELEASE, subscription.id)

    @transactional
    def _freeze(self, customer_id: str) -> None:
        now = self.clock.now()
        used = [
            each
            for each in self.database.all(Subscription, customer_id)
            if not each.closed_at and self.database.the(ListedProduct, each.product).charging in USED
        ]
        for subscription in used:
            if subscription.status is SubscriptionStatus.ACTIVE:
                self.shop.freeze(subscription.id, ARREARS)
                self.agenda.put(RELEASE, subscription.id, now + RETENTION)
        if used:
            self.agenda.put(FREEZE, customer_id, now + AGAIN)
