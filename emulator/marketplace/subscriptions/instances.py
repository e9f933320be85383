"""Instances by the id that the seller assigned, as usage records name them (metering and open APIs, section 2.4)."""

from emulator.marketplace.catalogue.products import ListedProduct, Shelf
from emulator.marketplace.storage.database import Database, Document
from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from emulator.openapi.usage.instances import Bought


class InstanceName(Document):
    """Whose an instance id is."""

    subscription_id: str


class MarketInstances:
    """The instances of the subscriptions in ``database``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def subscription(self, instance_id: str) -> Subscription | None:
        """The subscription that has the instance, or ``None``."""
        name = self._database.get(InstanceName, instance_id) if instance_id else None
        return self._database.the(Subscription, name.subscription_id) if name else None

    def named(self, name: str) -> Subscription | None:
        """The subscription that has the instance of that id, or that has that id itself; ``None`` if neither is so."""
        return self.subscription(name) or self._database.get(Subscription, name)

    def get(self, instance_id: str) -> Bought | None:
        """The instance as usage is judged by, or ``None`` as long as it has not been opened."""
        subscription = self.subscription(instance_id)
        if subscription is None or subscription.opened_at is None:
            return None
        product = self._database.the(ListedProduct, subscription.product)
        return Bought(
            instance_id,
            subscription.opened_at,
            subscription.closed_at,
            charging=product.charging,
            daily=product.daily,
            frozen=subscription.status is SubscriptionStatus.FROZEN,
            delisted=product.shelf is Shelf.DELISTED,
        )
