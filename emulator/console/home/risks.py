"""Orders that may be lost, and products that may be taken off the shelf."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from emulator.marketplace.catalogue.listing_status import ListingReport
from emulator.marketplace.catalogue.products import ListedProduct, Shelf
from emulator.marketplace.delivery.messages import Delivery, Message, schedule
from emulator.marketplace.market import Market

LOOKED_AT = 2000
"""Messages looked through, from the newest on."""


@dataclass(frozen=True, slots=True)
class OrderAtRisk:
    """A message that was tried in vain. ``refunded_at``: when its order is paid back if it still fails, if it is."""

    message: Message
    refunded_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProductAtRisk:
    product: ListedProduct
    report: ListingReport


def orders_at_risk(market: Market) -> Sequence[OrderAtRisk]:
    """Those that are still tried, the most urgent first, then those that were given up."""
    tried = [each for each in market.database.all(Message, newest=LOOKED_AT) if each.attempts and not each.sync]
    waiting = [OrderAtRisk(each, _refunded_at(each)) for each in tried if each.state is Delivery.WAITING]
    given_up = [OrderAtRisk(each, None) for each in tried if each.state is Delivery.GIVEN_UP and each.problem]
    latest = datetime.max.replace(tzinfo=market.clock.now().tzinfo)
    return [*sorted(waiting, key=lambda each: each.refunded_at or each.message.next_at or latest), *given_up]


def products_at_risk(market: Market) -> Sequence[ProductAtRisk]:
    """Those off the shelf, and those that are counted against already."""
    products = market.database.all(ListedProduct)
    found = [ProductAtRisk(each, market.listing_status.report(each.id)) for each in products]
    return [
        each
        for each in found
        if each.product.shelf is not Shelf.ON_SALE or each.report.failed_orders or each.report.bad_days
    ]


def _refunded_at(message: Message) -> datetime | None:
    planned = schedule(message.purpose)
    if not planned.refunds or message.first_at is None:
        return None
    return message.first_at + timedelta(hours=planned.hours[-1])
