"""``koogallery orders``: the orders of a month and what they come to, its usage, and how a bill differs."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import click

from emulator.commands import order_view, usage_view
from emulator.commands.options import Misuse, as_json, command
from emulator.commands.seller_app import seller_app
from emulator.texts import Text
from shared.app import App
from shared.clock import BEIJING, Deadline
from shared.metering.monthly import MonthlyUsage, usage_of
from shared.metering.reconciliation import bill as usage_bill
from shared.metering.reconciliation import order_bill
from shared.metering.reconciliation.spreadsheet import Sheet, sheets
from shared.metering.reconciliation.usage_bill import UsageDifference, usage_differences
from shared.orders.book import BookedOrder
from shared.orders.statement import orders_by_id, statement

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
    if json and csv:
        raise Misuse(Text("misuse.one-of", options="--json, --csv"))
    with seller_app() as app:
        named = usage_bill.named_columns(columns, (*order_bill.LIKELY, *usage_bill.LIKELY))
        found = statement(app, month, Deadline(app.clock, PATIENCE.total_seconds()))
        usage = usage_of(app, month)
        billed = list(sheets(bill.read_bytes(), bill_encoding)) if bill else []
        usage_differing = _usage_differing(usage, billed, named, month) if bill else None
        differing = _differing(app, found, billed, named, only_usage=usage_differing is not None) if bill else None
        currency = app.settings.currency
    if json:
        beside = usage_view.members(usage, usage_differing)
        order_view.print_document(month, found, currency, differing, beside)
    elif csv:
        click.echo(order_view.as_csv(found, currency) + usage_view.as_csv(usage), nl=False)
    else:
        order_view.show(month, found, currency)
        usage_view.show(usage)
    if not json:
        if differing is not None:
            order_view.show_differences(differing)
        usage_view.show_differences(usage_differing or [])
    return 1 if differing or usage_differing else 0


def _differing(
    app: App, found: list[BookedOrder], billed: list[Sheet], named: Mapping[str, str], *, only_usage: bool
) -> list[order_bill.BillDifference] | None:
    """``None`` if the bill is one of usage alone."""
    if only_usage and not any(order_bill.has_orders(sheet, named) for sheet in billed):
        return None
    read = order_bill.read_order_bill(billed, named)
    return order_bill.differences(found, read, lambda order_ids: orders_by_id(app, order_ids))


def _usage_differing(
    usage: list[MonthlyUsage], billed: list[Sheet], named: Mapping[str, str], month: str
) -> list[UsageDifference] | None:
    """``None`` if the bill has no sheet of usage. One with orders is none, whatever else stands in it."""
    own = [sheet for sheet in billed if usage_bill.has_usage(sheet, named) and not order_bill.has_orders(sheet, named)]
    return usage_differences(usage, usage_bill.read_bill(own, named, BEIJING), month) if own else None
