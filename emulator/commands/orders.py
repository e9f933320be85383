"""``koogallery orders``: the orders of a month, what they come to, and how a bill differs."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.commands.options import Misuse, as_json, command
from emulator.commands.seller_app import seller_app
from emulator.texts import Text

if TYPE_CHECKING:
    from shared.app import App
    from shared.metering.reconciliation.order_bill import BillDifference
    from shared.orders.book import BookedOrder

PATIENCE = timedelta(minutes=2)
"""For what the order query has to be asked for."""


@command("orders")
@click.option("--month", required=True, metavar="YYYY-MM")
@as_json
@click.option("--csv", is_flag=True)
@click.option("--bill", type=Path, metavar="BILL.csv")
@click.option("--columns", default="", metavar="order=…,amount=…", show_default=False)
@click.option("--bill-encoding", metavar="NAME")
def orders(month: str, *, json: bool, csv: bool, bill: Path | None, columns: str, bill_encoding: str | None) -> int:
    from emulator.commands import order_view
    from shared.clock import Deadline
    from shared.orders.statement import statement

    if json and csv:
        raise Misuse(Text("misuse.one-of", options="--json, --csv"))
    with seller_app() as app:
        found: list[BookedOrder] = statement(app, month, Deadline(app.clock, PATIENCE.total_seconds()))
        differing = _differing(app, found, bill, columns, bill_encoding) if bill else None
        currency = app.settings.currency
    if json:
        click.echo(order_view.as_document(month, found, currency, differing))
    elif csv:
        click.echo(order_view.as_csv(found, currency), nl=False)
    else:
        order_view.show(month, found, currency)
    if differing is not None and not json:
        order_view.show_differences(differing)
    return 1 if differing else 0


def _differing(
    app: "App", found: "list[BookedOrder]", bill: Path, columns: str, encoding: str | None
) -> "list[BillDifference]":
    from shared.metering.reconciliation.order_bill import differences, read_order_bill
    from shared.metering.reconciliation.spreadsheet import sheets
    from shared.orders.statement import orders_by_id

    named = dict(part.split("=", 1) for part in columns.split(",") if "=" in part)
    billed = read_order_bill(sheets(bill.read_bytes(), encoding), named)
    return differences(found, billed, lambda order_ids: orders_by_id(app, order_ids))
