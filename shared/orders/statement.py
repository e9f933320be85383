"""The orders of a month, and what they come to."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from shared.clock import BEIJING, Deadline
from shared.errors import ConfigurationError, InvalidParameter, Unavailable
from shared.orders.book import DONE, FAILED, MONTH, ORDER, BookedOrder, booked, order_key
from shared.orders.pricing import ask
from shared.provisioning import OrderType
from shared.store.keys import joined, split
from shared.store.paging import chunks, every, every_of
from shared.store.table import Item

if TYPE_CHECKING:
    from shared.app import App

PAGE = 100
NEW_POLICY = datetime(2024, 3, 1, tzinfo=BEIJING).astimezone(UTC)
"""From then on another policy of settlement holds (production interfaces, sections 10 and 14)."""
OPENED = (OrderType.NEW, OrderType.TRIAL, None)
"""Types that count when they are opened; renewals do when they are paid."""


def statement(app: "App", month: str, deadline: Deadline) -> list[BookedOrder]:
    """The orders of a month in Beijing (``2026-11``), by time; failed and refused ones too. One that was notified
    of is left out if its instance is known. The order query is asked
    for amounts that nobody told, as long as it answers and ``deadline`` allows.

    :raises InvalidParameter: it is no month.
    """
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month, re.ASCII):
        raise InvalidParameter("--month must be like 2026-11")
    found = [each for page in _pages(app, month) for each in page]
    priced = list(_priced(app, found, deadline))
    within = [each for each in priced if each.month == month]
    known = {each.told.order_id for each in within if each.instance_id}
    kept = (each for each in within if each.instance_id or each.told.order_id not in known)
    return sorted(kept, key=lambda each: (each.at, each.key))


def total(orders: Iterable[BookedOrder]) -> Decimal:
    """What the buyers paid less what they got back, of the orders that were done and have an amount."""
    return sum((each.told.amount for each in orders if each.paid and each.told.amount is not None), Decimal(0))


def policy(order: BookedOrder) -> str:
    """``old`` or ``new``: by which policy an order settles, as far as is known here. What was in effect before March
    2024, and renewals paid by then, settle by the old one.
    """
    moment = order.last_told if order.told.type in OPENED else order.at
    return "old" if moment < NEW_POLICY else "new"


def orders_by_id(app: "App", order_ids: Iterable[str]) -> list[BookedOrder]:
    """What the book has of these orders, of any month."""
    table = app.tables.table("instances")
    items: list[Item] = []
    for names in chunks(dict.fromkeys(order_ids), PAGE):
        for of_one in every_of(table, [joined(ORDER, each) for each in names], PAGE):
            items += of_one
    return list(_booked(app, items))


def _pages(app: "App", month: str) -> Iterator[list[BookedOrder]]:
    """Each takes three requests: the hints, the orders, and what the order query says of them; where one failed, one
    more for the instances.
    """
    table = app.tables.table("instances")
    for listed in chunks(every(table, joined(MONTH, month), at_once=PAGE), PAGE):
        yield list(_booked(app, table.get_many(order_key(*split(item["sk"])) for item in listed)))


def _booked(app: "App", items: Iterable[Item]) -> Iterator[BookedOrder]:
    table = app.tables.table("instances")
    told = list(_as_they_are(app, [booked(item) for item in items]))
    prices = {(item["pk"], item["sk"]): item for item in table.get_many({each.price_key for each in told})}
    for each in told:
        yield each.priced(prices[each.price_key]) if each.price_key in prices else each


def _as_they_are(app: "App", orders: Sequence[BookedOrder]) -> Iterator[BookedOrder]:
    """An attempt that outlived its lease may have failed, and said so, after another one had succeeded."""
    records = app.instances.get_many({each.instance_id for each in orders if each.outcome == FAILED})
    for each in orders:
        record = records.get(each.instance_id)
        done = each.outcome == FAILED and record is not None and record.has_taken(each.told)
        yield replace(each, outcome=DONE, reason="") if done else each


def _priced(app: "App", orders: Iterable[BookedOrder], deadline: Deadline) -> Iterator[BookedOrder]:
    asking = True
    for order in orders:
        priced = None
        if asking and order.told.amount is None and deadline.left():
            try:
                priced = ask(app, order, deadline, patient=True)
            except (ConfigurationError, Unavailable):
                asking = False
        yield priced or order
