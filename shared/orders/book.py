"""The order book: one item for each order of an instance, written with the history in the same batch.

| what                         | pk                | sk                          |
|------------------------------|-------------------|-----------------------------|
| an order as calls told it    | ``order#ID``      | instance, what it gives back |
| the orders of a month        | ``orders#MONTH``  | order, instance, ditto      |
| those without a known amount | ``unpriced``      | order, instance, ditto      |
| what the order query says    | ``price#ID``      | line, or product            |

Only calls write the first, and the last of them counts; only who asked the order query writes the last
(:mod:`shared.orders.pricing`). The two in between are hints: whoever follows one sees whether it is so (still). So
nobody has to read before writing, and writing again what a crash cut short leaves each order there once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from shared.clock import epoch_ms, moment_of, month_of
from shared.orders.told import ToldOrder, merged
from shared.provisioning import OrderType
from shared.store.keys import joined, split
from shared.store.table import WHOLE, Item

MONTH, UNPRICED, PRICE, ORDER = "orders", "unpriced", "price", "order"
GIVES_BACK = {OrderType.UNSUBSCRIBE: "unsubscribed", OrderType.UNSUBSCRIBE_RENEWAL_PERIOD: "returned"}
"""A refund may carry the id of the order that it gives back (sections 2.4 and 14), and is an order of its own."""
DONE, FAILED = "done", "failed"
PAID = (DONE, "no effect")
"""Outcomes that count: what had no effect since a newer order counts is paid for all the same."""

NOTIFIED = "notified"
"""Of an order of which ``orderNotify`` alone has told: its instance is not known."""


@dataclass(frozen=True, slots=True)
class BookedOrder:
    """An order of an instance. ``outcome``: ``done``, ``pending``, ``no effect``, ``failed``, ``refused`` or
    ``notified``, which has no instance.

    ``first_told`` is when the marketplace first told of it, ``last_told`` when that last came to ``outcome``.
    ``problem``: why the order query does not tell its amount.
    """

    told: ToldOrder
    instance_id: str
    customer_id: str
    product_id: str
    first_told: datetime
    last_told: datetime
    outcome: str
    reason: str = ""
    problem: str = ""

    @property
    def at(self) -> datetime:
        """When it was placed, as far as that is known; else when it was first told of."""
        return self.told.created_at or self.first_told

    @property
    def month(self) -> str:
        """The month it belongs to, in Beijing: ``2026-11``."""
        return month_of(self.at)

    @property
    def paid(self) -> bool:
        return self.outcome in PAID

    @property
    def note(self) -> str:
        """What is to be known about the amount; empty where all is well."""
        if self.told.amount is not None:
            return "unreadable in the call, told by the order query" if self.told.unread else ""
        return self.problem or ("unreadable" if self.told.unread else "not told")

    def priced(self, price: Mapping[str, Any]) -> "BookedOrder":
        """With what the order query said of it."""
        told = merged(self.told, _told(self.told.order_id, price))
        return replace(self, told=told, problem=price.get("problem", ""))

    @property
    def key(self) -> tuple[str, str]:
        return order_key(*self._place)

    @property
    def price_key(self) -> tuple[str, str]:
        """Of what the order query says of it."""
        return price_key(self.told, self.product_id)

    @property
    def _place(self) -> list[str]:
        back = [GIVES_BACK[self.told.type]] if self.told.type in GIVES_BACK else []
        return [self.told.order_id, self.instance_id, *back]

    def items(self) -> Iterator[Item]:
        """Everything that is stored of it."""
        yield {"pk": self.key[0], "sk": self.key[1], **self._members()}
        yield self.listed()
        if self.told.amount is None:
            yield {"pk": UNPRICED, "sk": joined(*self._place), "at_ms": epoch_ms(self.last_told)}

    def listed(self) -> Item:
        """What it is found by in its month."""
        return {"pk": joined(MONTH, self.month), "sk": joined(*self._place)}

    def _members(self) -> dict[str, Any]:
        return _members(
            self.told,
            line=self.told.line_id,
            unread=self.told.unread or None,
            customer=self.customer_id or None,
            product=self.product_id or None,
            first_ms=epoch_ms(self.first_told),
            last_ms=epoch_ms(self.last_told),
            outcome=self.outcome,
            reason=self.reason or None,
        )


def booked(item: Mapping[str, Any]) -> BookedOrder:
    """The order as calls told it."""
    return BookedOrder(
        _told(split(item["pk"])[1], item),
        "" if item["sk"] == WHOLE else split(item["sk"])[0],
        item.get("customer", ""),
        item.get("product", ""),
        moment_of(item["first_ms"]),
        moment_of(item["last_ms"]),
        item["outcome"],
        item.get("reason", ""),
    )


def order_key(order_id: str, *place: str) -> tuple[str, str]:
    """Of an order's item, by the sort key of whatever names it, taken apart."""
    return joined(ORDER, order_id), joined(*place) or WHOLE


def price_key(told: ToldOrder, product_id: str) -> tuple[str, str]:
    """By the line, where one is told, else by the product."""
    part = told.line_id or product_id
    return joined(PRICE, told.order_id), joined(part) if part else WHOLE


def price_item(told: ToldOrder, product_id: str, at: datetime, problem: str = "") -> Item:
    """What the order query says of an order; ``problem``: why it says nothing."""
    pk, sk = price_key(told, product_id)
    return {"pk": pk, "sk": sk, "at_ms": epoch_ms(at), **_members(told, problem=problem or None)}


def text(amount: Decimal | None) -> str | None:
    """All digits of an amount, without an exponent."""
    return None if amount is None else format(amount, "f")


def _members(told: ToldOrder, **others: Any) -> dict[str, Any]:
    """What calls and the order query both tell, and ``others``: what is not known is left out."""
    members = {
        "type": told.type.value if told.type else None,
        "amount": text(told.amount),
        "list_amount": text(told.list_amount),
        "created_ms": epoch_ms(told.created_at) if told.created_at else None,
        **others,
    }
    return {name: value for name, value in members.items() if value is not None}


def _told(order_id: str, item: Mapping[str, Any]) -> ToldOrder:
    return ToldOrder(
        order_id,
        item.get("line"),
        OrderType(item["type"]) if "type" in item else None,
        _decimal(item.get("amount")),
        _decimal(item.get("list_amount")),
        moment_of(item["created_ms"]) if "created_ms" in item else None,
        item.get("unread", False),
    )


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
