"""Order book = orders: what the bundle says that each order cost beside what the marketplace has on file, and each
month's statement beside its bill.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from emulator.marketplace.delivery.messages import Message, Purpose
from emulator.marketplace.delivery.spelling import OTHER_AMOUNT
from emulator.marketplace.subscriptions.orders import OrderState, PlacedOrder
from emulator.marketplace.subscriptions.subscription import Subscription
from emulator.soak.environment import SoakEnvironment
from emulator.soak.finding import SoakFinding
from shared.clock import Deadline, month_of
from shared.metering.reconciliation.order_bill import differences
from shared.orders.book import BookedOrder
from shared.orders.statement import statement, total

PATIENCE = 60.0
ORDERED = (Purpose.PURCHASE, Purpose.RENEWAL, Purpose.TRIAL_TO_FORMAL, Purpose.RETURN, Purpose.UPGRADE, Purpose.RELEASE)

Amounts = Counter[Decimal]


class BookComparison:
    """Of all orders of a soak, by the id that the seller was told; what cost nothing is left out.

    ``_other``: what failed at the marketplace, which nothing tells a seller who has done it.
    """

    def __init__(self, environment: SoakEnvironment) -> None:
        self._environment = environment
        self._done: dict[str, Amounts] = defaultdict(Counter)
        self._other: dict[str, Amounts] = defaultdict(Counter)
        self._bought: dict[tuple[str, str], Decimal] = {}
        self._bills: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for subscription in environment.market.database.all(Subscription):
            for message, order in self._told(subscription):
                self._add(message, order, subscription.instance_id)

    def run(self) -> SoakFinding:
        """Each order that was done is in the order book once, with its amount to the last digit, and each month's
        statement is its bill.
        """
        app = self._environment.app
        statements = {month: statement(app, month, Deadline(app.clock, PATIENCE)) for month in self._environment.months}
        months = {month: list(map(self._as_it_cost, orders)) for month, orders in statements.items()}
        booked = [order for orders in months.values() for order in orders]
        problems = [*self._each_once(booked), *self._billed(months, booked)]
        apart = sum(_is_unread(each) for each in booked)
        numbers = f"{len(booked)} orders in {len(months)} months come to {total(booked)}"
        return SoakFinding(f"{numbers}, {apart} with an unreadable amount" if apart else numbers, problems)

    def _told(self, subscription: Subscription) -> Iterator[tuple[Message, PlacedOrder]]:
        """Each order that the seller was told of, with its first message."""
        database = self._environment.market.database
        placed = {order.id: order for order in database.all(PlacedOrder, subscription.id)}
        for message in database.all(Message, subscription.id):
            if message.purpose in ORDERED and "orderId" in message.fields and message.order_id in placed:
                yield message, placed.pop(message.order_id)

    def _add(self, message: Message, order: PlacedOrder, instance_id: str) -> None:
        """A refund may be told under the id of another order (production interfaces, sections 2.4 and 14)."""
        told_id, done = message.fields["orderId"], order.state is OrderState.DONE
        if message.purpose is Purpose.PURCHASE:
            self._bought[told_id, instance_id] = order.amount
        if not order.amount:
            return
        (self._done if done else self._other)[told_id][order.amount] += 1
        if done:
            self._bills[month_of(order.placed_at)][told_id] += order.amount

    def _as_it_cost(self, order: BookedOrder) -> BookedOrder:
        """A repeat that says another amount may be the first call to arrive: the order cost what it cost."""
        if order.told.amount != Decimal(OTHER_AMOUNT):
            return order
        keys = ((order.told.order_id, each) for each in (order.instance_id, ""))
        amounts = (self._bought[key] for key in keys if key in self._bought)
        return replace(order, told=replace(order.told, amount=next(amounts, order.told.amount)))

    def _each_once(self, booked: Sequence[BookedOrder]) -> Iterator[str]:
        ours = _by_id(booked)
        unread = Counter(each.told.order_id for each in booked if _is_unread(each))
        for told_id in sorted(self._done.keys() | ours.keys()):
            missing = self._done[told_id] - ours[told_id]
            more = ours[told_id] - self._done[told_id] - self._other[told_id]
            if more or missing.total() > unread[told_id]:
                yield f"{told_id} is booked with {_listed(ours[told_id])}, it cost {_listed(self._done[told_id])}"
        yield from (f"{each.told.order_id}: {each.note}" for each in booked if each.paid and each.note == "not told")

    def _billed(self, months: dict[str, list[BookedOrder]], booked: Sequence[BookedOrder]) -> Iterator[str]:
        """Each month beside its bill, as ``koogallery orders --bill`` compares them. An order of version 1 is told
        without its time, so that it may stand in the month after: over both months the two agree.
        """
        drift: dict[str, Decimal] = defaultdict(Decimal)
        for month in months.keys() | self._bills.keys():
            for each in differences(months.get(month, []), self._bills[month], lambda _: []):
                drift[each.order_id] += (each.booked or 0) - (each.billed or 0)
        apart = self._other.keys() | {each.told.order_id for each in booked if _is_unread(each)}
        wrong = ((order_id, amount) for order_id, amount in drift.items() if amount and order_id not in apart)
        yield from (f"{order_id}: the statement is off its bill by {amount}" for order_id, amount in wrong)


def _by_id(booked: Sequence[BookedOrder]) -> dict[str, Amounts]:
    found: dict[str, Amounts] = defaultdict(Counter)
    for each in booked:
        if each.paid and each.told.amount:
            found[each.told.order_id][each.told.amount] += 1
    return found


def _is_unread(order: BookedOrder) -> bool:
    """Was its amount spelt so that nobody can read it, and is told nowhere else?"""
    return order.paid and order.told.unread and order.told.amount is None


def _listed(amounts: Amounts) -> str:
    return " + ".join(str(amount) for amount in sorted(amounts.elements())) or "nothing"
