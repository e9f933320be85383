"""Made-up parameters of the calls of version 1 (production interfaces, section 2)."""

from itertools import count
from typing import Any

from emulator.conformance.call_factory import INSTANCE, ORDER, CallFactory
from emulator.wire import v1_fields
from emulator.wire.v1_fields import ONE_YEAR, OTHER_PRODUCT, OTHER_SKU, YEARLY
from shared.protocol.field_cipher import FieldCipher

MANY = 100
"""Instance ids that one query may ask for."""


def purchase(_factory: CallFactory, **more: Any) -> dict[str, Any]:
    """What the console sends for a purchase."""
    return v1_fields.purchase(**{"orderId": ORDER, "customerName": "conformance-check", **more})


def yearly(factory: CallFactory, **more: Any) -> dict[str, Any]:
    """A purchase for a year."""
    return purchase(factory, **{"expireTime": factory.ordering.later(365), **YEARLY, **more})


def contact(factory: CallFactory) -> dict[str, Any]:
    """A purchase whose buyer shares phone and mail address. The base64 of one has a plus sign."""
    cipher = FieldCipher([factory.keys.key], factory.bits)
    shared = (v1_fields.contact(cipher) for _ in count())
    return yearly(factory, **next(each for each in shared if "+" in each["mobilePhone"]))


def extension(factory: CallFactory) -> dict[str, Any]:
    """A purchase with an extension parameter."""
    return yearly(factory, **v1_fields.extension())


def renewal(factory: CallFactory, **more: Any) -> dict[str, Any]:
    """A renewal by a year."""
    fields = {
        "orderId": ORDER,
        "instanceId": INSTANCE,
        "productId": OTHER_PRODUCT,
        "expireTime": factory.ordering.later(730),
        **ONE_YEAR,
        "orderAmount": "100.00",
    }
    return fields | more


def of_order(_desk: CallFactory) -> dict[str, Any]:
    """What expiry and release have."""
    return {"instanceId": INSTANCE, "orderId": ORDER}


def upgrade(_desk: CallFactory) -> dict[str, Any]:
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
