"""The marketplace's bills as files, as ``koogallery reconcile --bill`` and ``koogallery orders --bill`` read them."""

from collections.abc import Iterable

from flask import Response as Download
from flask import request

from emulator.console.attached import attached
from emulator.console.console_context import context
from emulator.console.times import beijing, parsed
from emulator.marketplace.subscriptions.orders import OrderState, PlacedOrder
from emulator.openapi.usage.bill import CollectedLine
from shared.clock import month_of
from shared.metering.reconciliation.csv_lines import csv_lines

USAGE = ("instance_id", "begin_time (UTC+08:00)", "end_time (UTC+08:00)", "usage_value", "package")
ORDERS = ("order_id", "type", "amount", "placed_at (UTC+08:00)")


def usage_bill(lines: Iterable[CollectedLine], month: str) -> str:
    """Bill lines of a month in Beijing, by the begin of what was used, as CSV."""
    mine = (each for each in lines if month_of(parsed(each.begin_time)) == month)
    rows = (
        (
            each.instance_id,
            beijing(each.begin_time),
            beijing(each.end_time),
            f"{each.usage_value:f}",
            each.relate_pkg_instance,
        )
        for each in mine
    )
    return "".join(csv_lines(USAGE, rows))


def order_bill(orders: Iterable[PlacedOrder], month: str) -> str:
    """The orders that were done, placed in a month in Beijing, as CSV."""
    mine = (each for each in orders if each.state is OrderState.DONE and month_of(each.placed_at) == month)
    rows = ((each.number, each.kind, f"{each.amount:f}", beijing(each.placed_at)) for each in mine)
    return "".join(csv_lines(ORDERS, rows))


def usage_file(instance_id: str) -> Download:
    """The marketplace's bill of an instance and a month in Beijing."""
    api = context().usage
    return _file(usage_bill(api.bill(instance_id=instance_id) if api else [], request.args.get("month", "")), "usage")


def order_file() -> Download:
    """The marketplace's orders of a month in Beijing."""
    orders = context().market.database.all(PlacedOrder)
    return _file(order_bill(orders, request.args.get("month", "")), "orders")


def _file(content: str, name: str) -> Download:
    month = request.args.get("month", "")[:7]
    safe = "".join(each for each in month if each.isdigit() or each == "-")
    return attached(content, f"{name}-{safe}.csv", "text/csv")
