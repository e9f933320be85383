"""What the buyers of the journey order."""

from datetime import datetime
from decimal import Decimal

from emulator.order_ids import line_of
from shared.clock import Clock
from shared.openapi.order import Order, OrderLine, OrderType, Product
from shared.provisioning import Buyer, Charging, Specification

CUSTOMER, CUSTOMER_NAME = "68cbc86abc2018ab880d92f36422fa0e", "journey-customer"
PHONE, EMAIL = "13800000000", "buyer@example.com"
PRODUCT, OTHER_PRODUCT = "00301-666666-0--0", "00301-666688-0--0"
SKU, OTHER_SKU = "d0abcd12-1234-5678-ab0a-11ab111a1aa1", "d0abcd12-1234-5678-ab0a-11ab111a1aa2"
SEATS, MORE_SEATS, TOO_FEW = 10, 20, 1
"""The demo provisioner says that two seats are in use, so no buyer can change to one."""

EXTENSION = {"emailDomainName": "mail.example.com"}


def order(
    order_id: str,
    kind: OrderType,
    clock: Clock,
    *,
    expires_at: datetime | None = None,
    charging: Charging = Charging.PERIOD,
    seats: int = SEATS,
    sku: str = SKU,
) -> Order:
    """An order of one line, placed now, for the order query to tell."""
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
    line = OrderLine(line_of(order_id), bought, expires_at, (product,), Decimal("100.00"))
    buyer = Buyer(CUSTOMER, CUSTOMER_NAME, mobile_phone=PHONE, email=EMAIL)
    return Order(order_id, kind, clock.now(), (line,), buyer)
