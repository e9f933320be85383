"""What the marketplace will do next, as people read it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from emulator.marketplace.catalogue.products import ListedProduct
from emulator.marketplace.delivery.messages import Message
from emulator.marketplace.market import Market
from emulator.marketplace.storage.agenda import Task
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.subscription import Subscription


class Ahead(NamedTuple):
    """A task with what it is about, as far as that is known."""

    name: str
    subject: str
    at: datetime
    message: Message | None = None
    subscription: Subscription | None = None
    product: ListedProduct | None = None
    customer: Customer | None = None


def ahead(market: Market, limit: int) -> Sequence[Ahead]:
    """The next tasks, the earliest first."""
    return [_read(market, task) for task in market.agenda.ahead(limit)]


def _read(market: Market, task: Task) -> Ahead:
    database, subject = market.database, task.subject
    message = database.get(Message, subject)
    subscription = database.get(Subscription, message.about if message else subject)
    product = database.get(ListedProduct, subscription.product if subscription else subject)
    customer = database.get(Customer, subscription.customer_id if subscription else subject)
    return Ahead(task.name, subject, task.at, message, subscription, product, customer)
