"""What may be returned without service supervision (production interfaces, section 10). With it the seller approves,
who always does: that is ours.
"""

from datetime import datetime, timedelta

from emulator.marketplace.storage.database import Database
from emulator.marketplace.storage.transactions import NotPossible
from emulator.marketplace.subscriptions.orders import PlacedOrder
from emulator.marketplace.subscriptions.subscription import Subscription
from shared.provisioning import OrderType

RETURNABLE, MOST_RETURNED = timedelta(days=5), 10
"""For how long something can be returned, and how often in a calendar year."""


def check_return(database: Database, subscription: Subscription, now: datetime) -> None:
    """May the subscription be returned ``now``?

    :raises NotPossible: it is too late, or too many were returned.
    """
    if subscription.opened_at and now - subscription.opened_at > RETURNABLE:
        raise NotPossible("too-late", f"it can be returned for {RETURNABLE.days} days only")
    returned = [
        order
        for each in database.all(Subscription, subscription.customer_id)
        for order in database.all(PlacedOrder, each.id)
        if order.kind is OrderType.UNSUBSCRIBE and order.placed_at.year == now.year
    ]
    if len(returned) >= MOST_RETURNED:
        raise NotPossible("too-many", f"only {MOST_RETURNED} can be returned in a year")
