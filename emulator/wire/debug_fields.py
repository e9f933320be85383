"""What the seller console fills in for debug calls (production interfaces, section 8)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from emulator.order_ids import line_of
from emulator.wire.v1_fields import ONE_YEAR, OTHER_PRODUCT, OTHER_SKU
from shared.commands import Version

ORDER = "CS1906666666ABCDE"
LINE = line_of(ORDER)
INSTANCE = "huaweitest123456"
UPGRADE: Mapping[str, Any] = MappingProxyType(
    {"orderId": "CS1906666688ABCDE", "skuCode": OTHER_SKU, "productId": OTHER_PRODUCT, "amount": 20}
)
ORDERED: Mapping[str, str] = MappingProxyType({"orderId": ORDER, "orderLineId": LINE})
"""An order of version 2."""
TARGET: Mapping[str, Any] = MappingProxyType({"productId": OTHER_PRODUCT, "skuCode": OTHER_SKU, "linearValue": 20})
"""What a renewal may change to, in version 2."""


def renewal(expires: str, **more: Any) -> dict[str, Any]:
    """A renewal of version 1 by a year, until ``expires``; ``None`` leaves a parameter out."""
    ids = {"orderId": ORDER, "instanceId": INSTANCE, "productId": OTHER_PRODUCT}
    return {**ids, "expireTime": expires, **ONE_YEAR, "orderAmount": "100.00", **more}


def renewal_v2(expires: str, scene: str = "RENEWAL", **more: Any) -> dict[str, Any]:
    """A renewal of version 2; ``None`` leaves a member out."""
    ends = {"productId": OTHER_PRODUCT, "expireTime": expires}
    fields = {"scene": scene, **ORDERED, "instanceId": INSTANCE, **ends, **more}
    return {name: value for name, value in fields.items() if value is not None}


def plain(version: Version, expires: str) -> dict[str, dict[str, Any]]:
    """The plainest call of each interface but the purchase, by activity; a renewal is one until ``expires``."""
    of: dict[str, Any] = {"instanceId": INSTANCE}
    if version is Version.V1:
        return {
            "refreshInstance": renewal(expires),
            "expireInstance": {**of, "orderId": ORDER},
            "releaseInstance": {**of, "orderId": ORDER},
            "upgrade": {**of, **UPGRADE},
            "instanceStatus": {**of, "instanceStatus": "FREEZE"},
            "queryInstance": of,
        }
    return {
        "refreshInstance": renewal_v2(expires),
        "updateInstanceStatus": {**of, "status": "FREEZE"},
        "releaseInstance": {**of, **ORDERED},
        "upgradeInstance": {**of, **ORDERED},
        "changeInstanceCheck": {**of, "productInfo": {**TARGET}},
        "queryInstance": of,
        "orderNotify": {**ORDERED},
    }
