"""The nine fixed orders that the order query answers with for debugging (production interfaces, section 3.10)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from emulator.order_ids import line_of
from shared.openapi.order import Order, OrderLine, Product
from shared.provisioning import Buyer, Charging, OrderType, Specification

_YEAR, _MONTH, _DAY = ("year", 1, 365), ("month", 1, 30), ("day", 7, 7)
_KINDS: dict[str, tuple[OrderType, Charging, tuple[str, int, int] | None]] = {
    "MOCKPERIODYEARNEW": (OrderType.NEW, Charging.PERIOD, _YEAR),
    "MOCKONETIMENEW": (OrderType.NEW, Charging.ONE_TIME, None),
    "MOCKONDEMAND": (OrderType.NEW, Charging.ON_DEMAND, None),
    "MOCKONDEMANDPKG": (OrderType.NEW, Charging.ON_DEMAND_PACKAGE, _YEAR),
    "MOCKPERIODDAYTRIAL": (OrderType.TRIAL, Charging.PERIOD, _DAY),
    "MOCKMONTYTRIALTOFORMAL": (OrderType.TRIAL_TO_FORMAL, Charging.PERIOD, _MONTH),
    "MOCKMONTYUNSUBSCRIBE": (OrderType.UNSUBSCRIBE, Charging.PERIOD, _MONTH),
    "MOCKMONTYRENEW": (OrderType.RENEW, Charging.PERIOD, _MONTH),
    "MOCKMONTYCHANGE": (OrderType.CHANGE, Charging.PERIOD, _MONTH),
}

MOCK_ORDERS = tuple(_KINDS)


def mock_order(order_id: str, now: datetime) -> Order | None:
    """The debugging order of that name, placed ``now``; ``None`` if the name is another's."""
    if order_id not in _KINDS:
        return None
    kind, charging, period = _KINDS[order_id]
    product = Product("OFFI000000000000001", "d0abcd12-1234-5678-ab0a-11ab111a1aa1", 50, "Sample product")
    parameters = {"emailDomainName": "mail.example.com", "ip": "192.0.2.1"}
    specification = Specification(
        product_id=product.product_id,
        sku_code=product.sku_code,
        charging=charging,
        period_type=period[0] if period else None,
        period_number=period[1] if period else None,
        quantity=product.quantity,
        parameters=parameters,
    )
    last_day = now + timedelta(days=period[2]) if period else None
    expires_at = last_day and last_day.replace(hour=23, minute=59, second=59, microsecond=0)
    line = OrderLine(line_of(order_id), specification, expires_at, (product,), Decimal(100))
    buyer = Buyer("68cbc86abc2018ab880d92f36422fa0e", "sample-customer", mobile_phone="13800000000")
    return Order(order_id, kind, now.astimezone(UTC), (line,), buyer)
