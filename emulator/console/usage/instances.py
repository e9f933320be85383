"""The instances that have usage, and their sums."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from emulator.console.console_context import ConsoleContext
from emulator.console.usage.days import ZERO, UsedTime, of_hour, summed
from emulator.console.usage.used import used
from emulator.marketplace.catalogue.products import ListedProduct
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.shop import USED
from emulator.marketplace.subscriptions.subscription import Subscription

BACK = timedelta(days=400)
"""As far back as sums go."""


class Metered(NamedTuple):
    """An instance; what is ``None`` is not known to the marketplace."""

    instance_id: str
    sums: UsedTime
    subscription: Subscription | None = None
    product: ListedProduct | None = None
    customer: Customer | None = None


def metered(shown: ConsoleContext) -> Sequence[Metered]:
    """Those paid for after use or out of a package, newest first, then those that only records name."""
    database = shown.market.database
    products = {product.id: product for product in database.all(ListedProduct)}
    mine = [each for each in database.all(Subscription) if each.instance_id and products[each.product].charging in USED]
    known = [each.instance_id for each in reversed(mine)]
    named = shown.usage.records.instances_seen() if shown.usage else []
    return [look_up(shown, each) for each in dict.fromkeys((*known, *named))]


def look_up(shown: ConsoleContext, instance_id: str) -> Metered:
    """An instance. What was used, the bundle's own books know; without them what the console told it, which is not all
    if more was accepted.
    """
    market, usage = shown.market, shown.usage
    now = market.clock.now()
    hours = usage.hours(instance_id, now - BACK, now + timedelta(days=1)) if usage else []
    taken = summed(now, [*map(of_hour, hours)])
    told = sum((each.value for each in used(market.database, instance_id).values()), ZERO)
    known = shown.seller.used(instance_id) if shown.seller else told if taken.accepted <= told else None
    sums = replace(taken, used=known)
    subscription = market.instances.subscription(instance_id)
    if subscription is None:
        return Metered(instance_id, sums)
    product = market.database.the(ListedProduct, subscription.product)
    return Metered(instance_id, sums, subscription, product, market.database.the(Customer, subscription.customer_id))
