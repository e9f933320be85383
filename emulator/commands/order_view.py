"""The orders of a month, as JSON and CSV for programs and as a table on a terminal. Times are UTC, amounts exact."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from emulator.commands.instance_view import told
from emulator.conformance.report_table import console, empty_table
from emulator.texts import Text

if TYPE_CHECKING:
    from shared.metering.reconciliation.order_bill import BillDifference
    from shared.orders.book import BookedOrder

COLUMNS = ("at", "orderId", "type", "amount", "currency", "outcome", "instanceId", "note")


def as_document(
    month: str,
    orders: Sequence["BookedOrder"],
    currency: str,
    differing: Sequence["BillDifference"] | None,
    beside: Mapping[str, object],
) -> str:
    """``{"month", "orders", "totals"}``, what stands ``beside`` them, and ``"differences"`` if there is a bill."""
    document: dict[str, object] = {
        "month": month,
        "orders": [members(each, currency) for each in orders],
        "totals": totals(orders, currency),
        **beside,
    }
    if differing is not None:
        document["differences"] = [_difference(each) for each in differing]
    return json.dumps(document, ensure_ascii=False, indent=2)


def as_csv(orders: Sequence["BookedOrder"], currency: str) -> str:
    """A line for each order, below a header."""
    from shared.metering.reconciliation.csv_lines import csv_lines

    return "".join(csv_lines(MEMBERS, (members(each, currency).values() for each in orders)))


def show(month: str, orders: Sequence["BookedOrder"], currency: str) -> None:
    """Print the orders and their total."""
    table = empty_table(*(str(Text(f"orders.column.{name}")) for name in COLUMNS))
    for each in orders:
        row = members(each, currency)
        table.add_row(*(row[name] or "" for name in COLUMNS))
    console().print(table)
    for each_total in totals(orders, currency):
        click.echo(str(Text("orders.total", month=month, **each_total)))


def show_differences(differing: Sequence["BillDifference"]) -> None:
    """Print, on standard error, what the bill and the order book do not agree on."""
    for each in differing:
        told_difference = {name: value or "–" for name, value in _difference(each).items()}
        click.echo(str(Text("orders.differs", **told_difference)), err=True)
    if not differing:
        click.echo(str(Text("orders.agrees")), err=True)


def _difference(each: "BillDifference") -> dict[str, str | None]:
    from shared.orders.book import text

    return {"orderId": each.order_id, "booked": text(each.booked), "billed": text(each.billed)}


def totals(orders: Sequence["BookedOrder"], currency: str) -> list[dict[str, str]]:
    """What the orders come to, by currency; nothing where there are none."""
    from shared.orders.book import text
    from shared.orders.statement import total

    return [{"currency": currency, "amount": text(total(orders)) or "0"}] if orders else []


MEMBERS = (
    "orderId",
    "orderLineId",
    "type",
    "amount",
    "listAmount",
    "currency",
    "at",
    "firstToldAt",
    "lastToldAt",
    "outcome",
    "reason",
    "instanceId",
    "customerId",
    "productId",
    "policy",
    "note",
)


def members(order: "BookedOrder", currency: str) -> dict[str, str | None]:
    """An order as :data:`MEMBERS` names its parts; ``None`` where something is not known."""
    from shared.orders.book import text
    from shared.orders.statement import policy

    placed = order.told
    values = (
        placed.order_id,
        placed.line_id,
        placed.type.value if placed.type else None,
        text(placed.amount),
        text(placed.list_amount),
        currency,
        told(order.at),
        told(order.first_told),
        told(order.last_told),
        order.outcome,
        order.reason or None,
        order.instance_id,
        order.customer_id or None,
        order.product_id or None,
        policy(order),
        order.note or None,
    )
    return dict(zip(MEMBERS, values, strict=True))
