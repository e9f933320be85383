"""Version 1 of ``newInstance``: a paid order, of which every detail may be unreadable (production interfaces, section
2.1).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import uuid4

from pydantic import BeforeValidator, StringConstraints

from shared.commands import OrderContent, Purchase
from shared.protocol.field_cipher import FieldCipher
from shared.protocol.fields import (
    Count,
    Detail,
    Fields,
    Id,
    Local,
    Name,
    Price,
    Switch,
    Text,
    detail,
    log_unread,
    read,
)
from shared.protocol.production.extend_params import decode_extend_params
from shared.provisioning import Buyer, Charging, Specification

CHARGING = {"0": Charging.ON_DEMAND, "1": Charging.PERIOD, "3": Charging.ONE_TIME, "5": Charging.ON_DEMAND_PACKAGE}
ChargingMode = Annotated[Charging, BeforeValidator(CHARGING.get)]
ExtendParams = Annotated[dict[str, str], BeforeValidator(decode_extend_params)]


class Linear(Fields):
    """Linear attributes and extension parameters, as in purchases and upgrades."""

    product_id: Detail[Id] = None
    sku_code: Detail[Id] = None
    amount: Detail[Count] = None
    disk_size: Detail[Count] = None
    band_width: Detail[Count] = None
    saas_extend_params: Detail[ExtendParams] = None

    def specification(self, **more: Any) -> Specification:
        return Specification(
            product_id=self.product_id,
            sku_code=self.sku_code,
            quantity=self.amount,
            disk_size=self.disk_size,
            bandwidth=self.band_width,
            parameters=self.saas_extend_params or {},
            **more,
        )


class NewInstanceV1(Linear):
    """Section 2.1. The order is paid: without its id and its customer it cannot be served, all else is detail."""

    customer_id: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    customer_name: Detail[Name] = None
    user_id: Detail[Name] = None
    user_name: Detail[Name] = None
    mobile_phone: Detail[Text] = None
    email: Detail[Text] = None
    business_id: Detail[Id] = None
    order_id: Id
    trial_flag: Detail[Switch] = None
    expire_time: Detail[Local] = None
    charging_mode: Detail[ChargingMode] = None
    period_type: Detail[Name] = None
    period_number: Detail[Count] = None
    order_amount: Detail[Price] = None


def read_purchase(fields: Mapping[str, str], cipher: FieldCipher, utc: Callable[[datetime], datetime]) -> Purchase:
    """The purchase that ``fields`` ask for.

    :param cipher: opens phone and mail.
    :param utc: makes UTC of the digits of ``expireTime``.
    :raises InvalidParameter: the order's or the customer's id is missing or malformed. The names of other parameters
        that cannot be read are logged.
    """
    new = read(NewInstanceV1, fields)
    unread: list[str] = []

    def revealed(name: str, value: str | None) -> str | None:
        return detail(unread, name, lambda: cipher.reveal(value, field=name)) if value else None

    buyer = Buyer(
        customer_id=new.customer_id,
        customer_name=new.customer_name,
        user_id=new.user_id,
        user_name=new.user_name,
        mobile_phone=revealed("mobilePhone", new.mobile_phone),
        email=revealed("email", new.email),
    )
    specification = new.specification(
        charging=new.charging_mode, period_type=new.period_type, period_number=new.period_number
    )
    expiry = new.expire_time
    expires_at = detail(unread, "expireTime", lambda: utc(expiry)) if expiry else None
    log_unread(unread, new)
    content = OrderContent(
        buyer,
        specification,
        bool(new.trial_flag),
        expires_at,
        new.order_amount,
        unread_amount=unread_amount(fields, new.order_amount),
    )
    return Purchase(new.order_id, None, new.business_id or uuid4().hex, content)


def unread_amount(fields: Mapping[str, str], amount: Decimal | None) -> bool:
    """Was an ``orderAmount`` sent of which nothing could be made?"""
    return amount is None and bool(fields.get("orderAmount"))
