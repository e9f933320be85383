"""Which claim a purchase belongs to: the same wish in other words must find the same claim (sections 2.1 and 3.1).

Version 2 names order and line, and an order with one line may leave the line out: both are one claim. Version 1 names
order and product, and only pay-per-use orders have an instance for each product. Whether it is one is told by
``chargingMode``, which may be missing. So the first call of an order claims the order itself and leaves its product
beside the claim; a call about another product has a claim of its own.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import TYPE_CHECKING

from shared.commands import OrderContent, Purchase, Version
from shared.errors import Conflict, InvalidParameter
from shared.instance.order_words import RELEASE, order_key
from shared.instance.record import InstanceRecord
from shared.provisioning import Charging

if TYPE_CHECKING:
    from shared.openapi.order import Order, OrderLine

SEVERAL = (Charging.ON_DEMAND, Charging.ON_DEMAND_PACKAGE)
SINGLE = (Charging.PERIOD, Charging.ONE_TIME)


class OrderKind(StrEnum):
    """Has the order one instance, or one for each product? ``UNTOLD`` of a trial, too: it may become either."""

    SINGLE = "single"
    SEVERAL = "several"
    UNTOLD = "untold"


class Relation(Enum):
    """Of a purchase to the claim that its order already has."""

    SAME = auto()
    OTHER_CUSTOMER = auto()
    OTHER_PRODUCT = auto()
    ASK_INSTANCE = auto()


@dataclass(frozen=True, slots=True)
class PurchaseWish:
    """What tells the purchases of one order apart, as it is left beside a claim. ``customer`` is a digest."""

    customer: str
    product: str
    kind: OrderKind

    @property
    def about(self) -> dict[str, str]:
        return {"customer": self.customer, "product": self.product, "kind": self.kind.value}

    def relation(self, about: Mapping[str, str]) -> Relation:
        """To the claim with this beside it; claims of the first release have nothing beside them."""
        if about.get("customer", self.customer) != self.customer:
            return Relation.OTHER_CUSTOMER
        if not self.product or about.get("product") in ("", self.product):
            return Relation.SAME
        kinds = {self.kind, about.get("kind")}
        if OrderKind.SINGLE in kinds and OrderKind.SEVERAL not in kinds:
            return Relation.SAME
        return Relation.OTHER_PRODUCT if about.get("kind") == OrderKind.SEVERAL else Relation.ASK_INSTANCE

    def is_of(self, record: InstanceRecord) -> bool:
        """Is ``record``, an instance of the order that began as another product, the one that is meant? Renewals and
        upgrades give it another product, and only orders with one instance have them. A trial that is paid by use from
        now on was renewed too, and may be one of several.
        """
        if self.product == record.specification.product_id:
            return True
        charging = record.specification.charging
        changed = charging not in SEVERAL and not all(each.startswith(RELEASE) for each in record.applied)
        return (changed or charging in SINGLE) and self.kind is not OrderKind.SEVERAL


def wish_of(purchase: Purchase) -> PurchaseWish | None:
    """What a V1 purchase is about; ``None`` in V2, which sends ids only."""
    if purchase.content is None:
        return None
    bought, trial = purchase.content.specification, purchase.content.trial
    period = bought.charging in SINGLE or bought.period_type or bought.period_number
    kind = OrderKind.SEVERAL if bought.charging in SEVERAL else OrderKind.SINGLE if period else OrderKind.UNTOLD
    customer = hashlib.sha256(purchase.content.buyer.customer_id.encode()).hexdigest()
    return PurchaseWish(customer, bought.product_id or "", OrderKind.UNTOLD if trial else kind)


def line_key(order_id: str, line_id: str | None) -> str:
    """Of the claim of an order's line; where none is named, of its first, as the marketplace numbers them."""
    return order_key(order_id, line_id or f"{order_id}-000001")


def claim_key(record: InstanceRecord) -> str:
    """Of the claim under which an instance is made now."""
    key = line_key if record.protocol is Version.V2 else order_key
    return key(record.order_id, record.order_part)


def former_key(purchase: Purchase) -> str | None:
    """Of the claim that the first release made for such a purchase, if that is another than the present one."""
    if purchase.content is None:
        return None if purchase.order_part else order_key(purchase.order_id)
    bought = purchase.content.specification
    return order_key(purchase.order_id, bought.product_id) if bought.product_id and bought.charging in SEVERAL else None


def other_customer() -> Conflict:
    """What a purchase of somebody else's order is refused with."""
    return Conflict("the order belongs to another customer")


def is_for(record: InstanceRecord, purchase: Purchase | InstanceRecord) -> bool:
    """Is ``record`` the instance of this part of its order? A V2 line may not have been named or known before; the
    first release called the first product of a V1 order by its name.
    """
    if record.order_id != purchase.order_id:
        return False
    if record.protocol is Version.V2:
        return None in (record.order_part, purchase.order_part) or record.order_part == purchase.order_part
    product = purchase.content.specification.product_id if purchase.content else None
    return record.order_part in (purchase.order_part, product)


def differing(content: OrderContent, record: InstanceRecord) -> list[str]:
    """Names of the V1 parameters that say of ``record`` something else than it is, or nothing."""
    told, known = content.specification, record.specification
    pairs = {
        "productId": (told.product_id, known.product_id),
        "skuCode": (told.sku_code, known.sku_code),
        "chargingMode": (told.charging, known.charging),
        "periodType": (told.period_type, known.period_type),
        "periodNumber": (told.period_number, known.period_number),
        "amount": (told.quantity, known.quantity),
        "diskSize": (told.disk_size, known.disk_size),
        "bandWidth": (told.bandwidth, known.bandwidth),
        "saasExtendParams": (dict(told.parameters), dict(known.parameters)),
        "trialFlag": (content.trial, record.trial),
    }
    return [name for name, (now, then) in pairs.items() if now != then]


def line_meant(order: "Order", line_id: str | None) -> "OrderLine":
    """The line of ``order`` that a purchase is about: of pay-per-use lines with one product the first (section 3.1:
    idempotent by order and product).

    :raises OrderNotFound: it has no such line.
    :raises InvalidParameter: the call names none, and the order has several.
    """
    line = order.line(line_id)
    product = _product_in_use(line)
    alike = [each for each in order.lines if product and _product_in_use(each) == product] or [line]
    if line_id is None and len(alike) < len(order.lines):
        raise InvalidParameter("orderLineId is missing or malformed, and the order has several lines")
    return alike[0]


def _product_in_use(line: "OrderLine") -> str | None:
    bought = line.specification
    return bought.product_id if bought.charging is Charging.ON_DEMAND else None
