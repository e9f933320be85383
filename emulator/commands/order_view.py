"""The orders of a month, as JSON and CSV for programs and as a table on a terminal. Times are UTC, amounts exact."""

from collections.abc import Callable, Mapping, Sequence

import click

from emulator.commands.instance_view import told
from emulator.terminal import print_json, print_table
from emulator.texts import Text
from shared.metering.reconciliation.csv_lines import csv_lines
from shared.metering.reconciliation.order_bill import BillDifference
from shared.orders.book import BookedOrder, text
from shared.orders.statement import policy, total

COLUMNS = ("at", "orderId", "type", "amount", "currency", "outcome", "instanceId", "note")
MEMBERS: Mapping[str, Callable[[BookedOrder, str], str | None]] = {
    "orderId": lambda order, _: order.told.order_id,
    "orderLineId": lambda order, _: order.told.line_id,
    "type": lambda order, _: order.told.type.value if order.told.type else None,
    "amount": lambda order, _: text(order.told.amount),
    "listAmount": lambda order, _: text(order.told.list_amount),
    "currency": lambda _order, currency: currency,
    "at": lambda order, _: told(order.at),
    "firstToldAt": lambda order, _: told(order.first_told),
    "lastToldAt": lambda order, _: told(order.last_told),
    "outcome": lambda order, _: order.outcome,
    "reason": lambda order, _: order.reason or None,
    "instanceId": lambda order, _: order.instance_id,
    "customerId": lambda order, _: order.customer_id or None,
    "productId": lambda order, _: order.product_id or None,
    "policy": lambda order, _: policy(order),
    "note": lambda order, _: order.note or None,
}
"""Of an order whose amounts are in a currency; ``None`` where something is not known."""


def members(order: BookedOrder, currency: str) -> dict[str, str | None]:
    """An order as :data:`MEMBERS` names its parts."""
    return {name: value(order, currency) for name, value in MEMBERS.items()}


def print_document(
    month: str,
    orders: Sequence[BookedOrder],
    currency: str,
    differing: Sequence[BillDifference] | None,
    beside: Mapping[str, object],
) -> None:
    """``{"month", "orders", "totals"}``, what stands ``beside`` them, and ``"differences"`` if there is a bill."""
    document: dict[str, object] = {
        "month": month,
        "orders": [members(each, currency) for each in orders],
        "totals": totals(orders, currency),
        **beside,
    }
    if differing is not None:
        document["differences"] = [_difference(each) for each in differing]
    print_json(document)


def as_csv(orders: Sequence[BookedOrder], currency: str) -> str:
    """A line for each order, below a header."""
    return "".join(csv_lines(tuple(MEMBERS), (members(each, currency).values() for each in orders)))


def show(month: str, orders: Sequence[BookedOrder], currency: str) -> None:
    """Print the orders and their total."""
    titles = (Text(f"orders.column.{name}") for name in COLUMNS)
    print_table(titles, ([MEMBERS[name](each, currency) for name in COLUMNS] for each in orders))
    for each_total in totals(orders, currency):
        click.echo(str(Text("orders.total", month=month, **each_total)))


def show_differences(differing: Sequence[BillDifference]) -> None:
    """Print, on standard error, what the bill and the order book do not agree on."""
    for each in differing:
        told_difference = {name: value or "–" for name, value in _difference(each).items()}
        click.echo(str(Text("orders.differs", **told_difference)), err=True)
    if not differing:
        click.echo(str(Text("orders.agrees")), err=True)


def _difference(each: BillDifference) -> dict[str, str | None]:
    return {"orderId": each.order_id, "booked": text(each.booked), "billed": text(each.billed)}


def totals(orders: Sequence[BookedOrder], currency: str) -> list[dict[str, str]]:
    """What the orders come to, by currency; nothing where there are none."""
    return [{"currency": currency, "amount": text(total(orders)) or "0"}] if orders else []
