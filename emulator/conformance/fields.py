"""Made-up parameters and members of debug calls (production interfaces, sections 2 and 3)."""

from itertools import count
from typing import Any

from emulator.conformance.call_factory import CallFactory
from emulator.conformance.case_builders import Fields
from emulator.order_ids import business_id
from emulator.wire import debug_fields, v1_fields
from emulator.wire.debug_fields import INSTANCE, ORDER, ORDERED
from emulator.wire.v1_fields import YEARLY
from shared.protocol.field_cipher import FieldCipher

MANY = tuple(f"{INSTANCE}-{number:03d}" for number in range(100))
"""As many instances as one query may ask for."""


def of(**more: Any) -> Fields:
    """What says which instance it is about, and ``more``."""
    return only(**{"instanceId": INSTANCE, **more})


def only(**fields: Any) -> Fields:
    """The same for each call."""
    return lambda _factory: fields


def purchase(_factory: CallFactory, **more: Any) -> dict[str, Any]:
    """What the console sends for a purchase in version 1."""
    return v1_fields.purchase(**{"orderId": ORDER, "customerName": "conformance-check", **more})


def yearly(factory: CallFactory, **more: Any) -> dict[str, Any]:
    """A purchase for a year."""
    return purchase(factory, **{"expireTime": factory.ordering.later(365), **YEARLY, **more})


def package(factory: CallFactory) -> dict[str, Any]:
    """A purchase of a package."""
    return purchase(factory, chargingMode=5, expireTime=factory.ordering.later(365))


def contact(factory: CallFactory) -> dict[str, Any]:
    """A purchase whose buyer shares phone and mail address. The base64 of one has a plus sign."""
    cipher = FieldCipher([factory.keys.key], factory.bits)
    shared = (v1_fields.contact(cipher) for _ in count())
    return yearly(factory, **next(each for each in shared if "+" in each["mobilePhone"]))


def extension(factory: CallFactory) -> dict[str, Any]:
    """A purchase with an extension parameter."""
    return yearly(factory, **v1_fields.extension())


def renewal(factory: CallFactory, days: int = 730, **more: Any) -> dict[str, Any]:
    """A renewal of version 1 by a year."""
    return debug_fields.renewal(factory.ordering.later(days), **more)


def purchase_v2(_factory: CallFactory, **more: Any) -> dict[str, Any]:
    """A purchase of version 2, whose order says the rest."""
    return {**ORDERED, "businessId": business_id(), **more}


def renewal_v2(factory: CallFactory, scene: str = "RENEWAL", days: int = 730, **more: Any) -> dict[str, Any]:
    """A renewal of version 2."""
    return debug_fields.renewal_v2(factory.ordering.later_v2(days), scene, **more)


def with_milliseconds(factory: CallFactory) -> dict[str, Any]:
    """A renewal of version 2 whose end is told to the millisecond."""
    return renewal_v2(factory, expireTime=f"{factory.ordering.later_v2(730)}256")
