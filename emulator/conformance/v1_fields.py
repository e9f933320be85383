"""Made-up parameters of the calls of version 1 (production interfaces, section 2)."""

from itertools import count
from typing import Any

from emulator.conformance.call_factory import INSTANCE, ORDER, CallFactory
from emulator.order_ids import business_id
from shared.protocol.field_cipher import FieldCipher
from shared.protocol.production.extend_params import encode_extend_params

PRODUCT, OTHER_PRODUCT = "00301-666666-0--0", "00301-666688-0--0"
SKU, OTHER_SKU = "d0abcd12-1234-5678-ab0a-11ab111a1aa1", "d0abcd12-1234-5678-ab0a-11ab111a1aa2"
YEAR = {"chargingMode": 1, "periodType": "year", "periodNumber": 1}
MANY = 100
"""Instance ids that one query may ask for."""


def purchase(_desk: CallFactory, **more: Any) -> dict[str, Any]:
    """What the console sends for a purchase; ``None`` leaves a parameter out."""
    fields = {
        "orderId": ORDER,
        "businessId": business_id(),
        "customerId": "68cbc86abc2018ab880d92f36422fa0e",
        "customerName": "conformance-check",
        "productId": PRODUCT,
        "skuCode": SKU,
        "orderAmount": "100.00",
    }
    return fields | more


def yearly(factory: CallFactory, **more: Any) -> dict[str, Any]:
    """A purchase for a year."""
    return purchase(factory, expireTime=factory.later(365), **YEAR) | more


def contact(factory: CallFactory) -> dict[str, Any]:
    """A purchase whose buyer shares phone and mail address. The base64 of one has a plus sign."""
    cipher = FieldCipher([factory.keys.key], factory.bits)
    phones = (cipher.encrypt("13800000000") for _ in count())
    return yearly(
        factory, mobilePhone=next(phone for phone in phones if "+" in phone), email=cipher.encrypt("buyer@example.com")
    )


def extension(factory: CallFactory) -> dict[str, Any]:
    """A purchase with an extension parameter."""
    return yearly(
        factory, saasExtendParams=encode_extend_params([{"name": "emailDomainName", "value": "mail.example.com"}])
    )


def renewal(factory: CallFactory, **more: Any) -> dict[str, Any]:
    """A renewal by a year."""
    fields = {
        "orderId": ORDER,
        "instanceId": INSTANCE,
        "productId": OTHER_PRODUCT,
        "expireTime": factory.later(730),
        "periodType": "year",
        "periodNumber": 1,
        "orderAmount": "100.00",
    }
    return fields | more


def of_order(_desk: CallFactory) -> dict[str, Any]:
    """What expiry and release have."""
    return {"instanceId": INSTANCE, "orderId": ORDER}


def upgrade(_desk: CallFactory) -> dict[str, Any]:
    """More of another specification."""
    return {
        "instanceId": INSTANCE,
        "orderId": "CS1906666688ABCDE",
        "skuCode": OTHER_SKU,
        "productId": OTHER_PRODUCT,
        "amount": 20,
    }


def many(_desk: CallFactory) -> tuple[str, ...]:
    """As many instances as one query may ask for."""
    return tuple(f"{INSTANCE}-{number:03d}" for number in range(MANY))
