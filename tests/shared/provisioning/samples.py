"""One of each value a provisioner is given."""

from datetime import UTC, datetime
from decimal import Decimal

from shared.directory import AuthorisationStatus, User
from shared.provisioning import (
    Buyer,
    Charging,
    Instance,
    OrderSummary,
    OrderType,
    Renewal,
    RenewalScene,
    Specification,
    State,
)

SPECIFICATION = Specification(
    "P1", "S1", Charging.PERIOD, "year", 1, 10, disk_size=20, parameters={"emailDomainName": "mail.example.com"}
)
ORDER = OrderSummary(
    "CS1",
    "CS1-000001",
    OrderType.NEW,
    Decimal("1200.00"),
    Decimal("1500.00"),
    "CNY",
    datetime(2026, 11, 20, 8, tzinfo=UTC),
)
INSTANCE = Instance(
    instance_id="business-1",
    order_id="CS1",
    order_line_id="CS1-000001",
    customer_id="customer-1",
    specification=SPECIFICATION,
    trial=False,
    state=State.ACTIVE,
    expires_at=datetime(2027, 11, 20, 15, 59, 59, tzinfo=UTC),
    order=ORDER,
)
BUYER = Buyer("customer-1", "张三", mobile_phone="13800000000", email="user@example.com")
RENEWAL = Renewal(
    RenewalScene.RENEWAL, "CS2", datetime(2028, 11, 20, 15, 59, 59, tzinfo=UTC), SPECIFICATION, Decimal("-10.50")
)
MEMBER = User("li.si", "李四", "10", "user", True, AuthorisationStatus.GRANTED, mobile="13900000000")
