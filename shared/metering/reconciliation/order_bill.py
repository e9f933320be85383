"""The orders of a bill that was exported from the seller console, beside those of the order book.

As with usage (:mod:`shared.metering.reconciliation.bill`) its columns are not documented, so they can be named.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from shared.errors import InvalidParameter
from shared.metering.reconciliation.bill import HEADER_WITHIN, has_columns, places
from shared.metering.reconciliation.cells import number
from shared.metering.reconciliation.spreadsheet import Sheet, SheetRow
from shared.orders.book import BookedOrder
from shared.orders.statement import total

LIKELY: Mapping[str, Sequence[str]] = {
    "order": ("orderid", "order", "orderno", "订单id", "订单号", "订单编号", "订单"),
    "amount": ("amount", "orderamount", "currencyafterdiscount", "实付金额", "订单金额", "交易金额", "金额"),
}
Known: TypeAlias = Callable[[Iterable[str]], Sequence[BookedOrder]]
"""What the order book has of some orders, of whatever month."""


@dataclass(frozen=True, slots=True)
class BillDifference:
    """An order whose ``booked`` and ``billed`` amounts differ; ``None`` where one side does not have it."""

    order_id: str
    booked: Decimal | None
    billed: Decimal | None


def read_order_bill(sheets: Iterable[Sheet], named: Mapping[str, str]) -> dict[str, Decimal]:
    """Order id -> sum of its lines; ``named`` maps ``order`` and ``amount`` to columns that are not found.

    :raises InvalidParameter: a column is not found, or an amount cannot be read.
    """
    for sheet in sheets:
        for header in sheet.rows[:HEADER_WITHIN]:
            columns = places(header.cells, named, LIKELY)
            if len(columns) == len(LIKELY):
                return _sums(sheet, header, columns)
    raise InvalidParameter("which columns of the bill are order and amount? Name them: order=…,amount=…")


def has_orders(sheet: Sheet, named: Mapping[str, str]) -> bool:
    """Are the columns of orders found in it?"""
    return has_columns(sheet, named, LIKELY)


def differences(orders: Sequence[BookedOrder], billed: Mapping[str, Decimal], known: Known) -> list[BillDifference]:
    """Between the orders of a month and its bill, by order id. An order of another month that the bill has is looked
    up; one that cost nothing need not be in a bill.
    """
    booked = _by_id(orders)
    booked |= _by_id(known(sorted(billed.keys() - booked.keys())))
    found = [BillDifference(each, booked.get(each), billed.get(each)) for each in sorted(booked.keys() | billed.keys())]
    return [each for each in found if (each.booked or 0) != (each.billed or 0)]


def _by_id(orders: Iterable[BookedOrder]) -> dict[str, Decimal]:
    by_id: dict[str, list[BookedOrder]] = {}
    for order in orders:
        by_id.setdefault(order.told.order_id, []).append(order)
    return {order_id: total(each) for order_id, each in by_id.items()}


def _sums(sheet: Sheet, header: SheetRow, columns: Mapping[str, int]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for row in sheet.rows:
        if row.line <= header.line:
            continue
        order_id, amount = (row.cells[place] if place < len(row.cells) else "" for place in columns.values())
        if (
            not re.fullmatch(r"[!-~]{1,64}", order_id)
            or order_id.lower() in ("total", "sum")
            or row.cells == header.cells
        ):
            continue  # a sum, an empty row, or the header again
        try:
            sums[order_id] = sums.get(order_id, Decimal(0)) + number(amount, comma=sheet.comma)
        except ValueError as error:
            raise InvalidParameter(f"line {row.line} of the bill: amount cannot be read, {error}") from None
    return sums
