"""What the seller console fills in for debug calls (production interfaces, section 8)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from emulator.order_ids import line_of
from emulator.wire.v1_fields import ONE_YEAR, OTHER_PRODUCT, OTHER_SKU

ORDER = "CS1906666666ABCDE"
LINE = line_of(ORDER)
INSTANCE = "huaweitest123456"
UPGRADE: Mapping[str, Any] = MappingProxyType(
    {"orderId": "CS1906666688ABCDE", "skuCode": OTHER_SKU, "productId": OTHER_PRODUCT, "amount": 20}
)
TARGET: Mapping[str, Any] = MappingProxyType({"productId": OTHER_PRODUCT, "skuCode": OTHER_SKU, "linearValue": 20})
"""What a renewal may change to, in version 2."""


def renewal(expires: str, **more: Any) -> dict[str, Any]:
    """A renewal of version 1 by a year, until ``expires``; ``None`` leaves a parameter out."""
    ids = {"orderId": ORDER, "instanceId": INSTANCE, "productId": OTHER_PRODUCT}
    return {**ids, "expireTime": expires, **ONE_YEAR, "orderAmount": "100.00", **more}
