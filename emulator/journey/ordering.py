"""Orders that are placed now, and when what they buy ends."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal

from emulator.openapi.order_query import Orders
from emulator.order_ids import fresh_order_id, line_of
from emulator.wire.v1_fields import CUSTOMER, EMAIL, EXTENSION, OTHER_PRODUCT, PHONE, PRODUCT, SKU
from shared.clock import BEIJING, Clock
from shared.openapi.order import Order, OrderLine, Product
from shared.provisioning import Buyer, Charging, OrderType, Specification

CUSTOMER_NAME = "journey-customer"
SEATS, MORE_SEATS, TOO_FEW = 10, 20, 1
"""The demo provisioner says that two seats are in use, so no buyer can change to one."""


@dataclass(frozen=True)
class Ordering:
    """Places orders in ``orders``, which the order query answers from. ``zone``: of the times of version 1."""

    clock: Clock
    orders: Orders
    zone: tzinfo = BEIJING

    def order_id(self) -> str:
        """A fresh order id, in the marketplace's form."""
        return fresh_order_id(self.clock.now())

    def later(self, days: int) -> str:
        """``expireTime`` of version 1 so many days from now."""
        return f"{self.end(days).astimezone(self.zone):%Y%m%d%H%M%S}"

    def later_v2(self, days: int) -> str:
        """``expireTime`` of version 2, which is UTC."""
        return f"{self.end(days):%Y%m%d%H%M%S}"

    def end(self, days: int) -> datetime:
        """So many days from now, the day's last second in Beijing, UTC."""
        return (self.clock.now() + timedelta(days=days)).astimezone(UTC).replace(hour=15, minute=59, second=59)

    def placed(
        self,
        kind: OrderType,
        days: int | None = 365,
        *,
        charging: Charging = Charging.PERIOD,
        seats: int = SEATS,
        sku: str = SKU,
    ) -> dict[str, str]:
        """The ids of an order of one line that the order query will tell. ``days`` until what it buys ends."""
        product = Product(PRODUCT if sku == SKU else OTHER_PRODUCT, sku, seats, "Journey product")
        period = charging is Charging.PERIOD
        bought = Specification(
            product_id=product.product_id,
            sku_code=sku,
            charging=charging,
            period_type="year" if period else None,
            period_number=1 if period else None,
            quantity=seats,
            parameters=EXTENSION,
        )
        return self.placed_line(kind, bought, (product,), days=days, amount=Decimal("100.00"))

    def placed_line(
        self,
        kind: OrderType,
        bought: Specification,
        products: tuple[Product, ...],
        *,
        days: int | None,
        amount: Decimal,
    ) -> dict[str, str]:
        """Likewise, of whatever is bought."""
        number, ends = self.order_id(), None if days is None else self.end(days)
        line = OrderLine(line_of(number), bought, ends, products, amount)
        buyer = Buyer(CUSTOMER, CUSTOMER_NAME, mobile_phone=PHONE, email=EMAIL)
        self.orders.add(Order(number, kind, self.clock.now(), (line,), buyer))
        return {"orderId": number, "orderLineId": line_of(number)}
