"""``koogallery orders``: the orders of a month and what they come to, its usage, and how a bill differs."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.commands.options import Misuse, as_json, command
from emulator.commands.seller_app import seller_app
from emulator.texts import Text

if TYPE_CHECKING:
    from shared.app import App
    from shared.metering.monthly import MonthlyUsage
    from shared.metering.reconciliation.order_bill import BillDifference
    from shared.metering.reconciliation.spreadsheet import Sheet
    from shared.metering.reconciliation.usage_bill import UsageDifference
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
    from emulator.commands import order_view, usage_view
    from shared.clock import Deadline
    from shared.metering.monthly import usage_of
    from shared.metering.reconciliation import bill as usage_bill
    from shared.metering.reconciliation import order_bill
    from shared.metering.reconciliation.spreadsheet import sheets
    from shared.orders.statement import statement

    if json and csv:
        raise Misuse(Text("misuse.one-of", options="--json, --csv"))
    with seller_app() as app:
        named = usage_bill.named_columns(columns, (*order_bill.LIKELY, *usage_bill.LIKELY))
        found: list[BookedOrder] = statement(app, month, Deadline(app.clock, PATIENCE.total_seconds()))
        usage = usage_of(app, month)
        billed = list(sheets(bill.read_bytes(), bill_encoding)) if bill else []
        usage_differing = _usage_differing(usage, billed, named, month) if bill else None
        differing = _differing(app, found, billed, named, only_usage=usage_differing is not None) if bill else None
        currency = app.settings.currency
    if json:
        beside = usage_view.members(usage, usage_differing)
        click.echo(order_view.as_document(month, found, currency, differing, beside))
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
    app: "App", found: "list[BookedOrder]", billed: "list[Sheet]", named: Mapping[str, str], *, only_usage: bool
) -> "list[BillDifference] | None":
    """``None`` if the bill is one of usage alone."""
    from shared.metering.reconciliation.order_bill import differences, has_orders, read_order_bill
    from shared.orders.statement import orders_by_id

    if only_usage and not any(has_orders(sheet, named) for sheet in billed):
        return None
    return differences(found, read_order_bill(billed, named), lambda order_ids: orders_by_id(app, order_ids))


def _usage_differing(
    usage: "list[MonthlyUsage]", billed: "list[Sheet]", named: Mapping[str, str], month: str
) -> "list[UsageDifference] | None":
    """``None`` if the bill has no sheet of usage. One with orders is none, whatever else stands in it."""
    from shared.clock import BEIJING
    from shared.metering.reconciliation.bill import has_usage, read_bill
    from shared.metering.reconciliation.order_bill import has_orders
    from shared.metering.reconciliation.usage_bill import usage_differences

    own = [sheet for sheet in billed if has_usage(sheet, named) and not has_orders(sheet, named)]
    return usage_differences(usage, read_bill(own, named, BEIJING), month) if own else None
