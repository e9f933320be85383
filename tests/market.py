"""What the marketplace sends in the life of an instance, in either version of the protocol."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.http import HttpRequest
from tests.world import World

V1, V2 = "v1", "v2"
VERSIONS = [V1, V2]

EXPIRES = {V1: "20281121000000", V2: "20281120160000"}
"""One moment, in Beijing time and in UTC."""

ENDED = datetime(2027, 12, 1, tzinfo=UTC)
"""When what was bought for a year has ended."""


def purchase(
    world: World, version: str, order_id: str = "CS1", business_id: str = "business-1", **more: Any
) -> HttpRequest:
    """A purchase of a yearly product."""
    return (world.purchase if version == V1 else world.purchase_v2)(order_id, business_id, **more)


def bought(world: World, version: str, order_id: str = "CS1", business_id: str = "business-1", **more: Any) -> str:
    """The id of an instance that was just bought."""
    answer = world.send(purchase(world, version, order_id, business_id, **more))
    assert answer["resultCode"] == "000000"
    return str(answer["instanceId"])


def renewal(world: World, version: str, instance_id: str, order_id: str = "CS-renewal", **more: Any) -> HttpRequest:
    """A renewal; in version 2 its scene is ``RENEWAL`` unless told otherwise."""
    fields: dict[str, Any] = {"instanceId": instance_id, "orderId": order_id, "expireTime": EXPIRES[version]}
    if version == V1:
        return world.v1.call("refreshInstance", **fields | more)
    return world.v2.call("refreshInstance", **fields | {"orderLineId": f"{order_id}-000001", "scene": "RENEWAL"} | more)


def expiry(world: World, instance_id: str, **more: Any) -> HttpRequest:
    """Version 1 only: a period has ended."""
    return world.v1.call("expireInstance", instanceId=instance_id, orderId="CS1", **more)


def freezing(world: World, version: str, instance_id: str, **more: Any) -> HttpRequest:
    """Arrears or a violation; in version 2 the end of a period, too."""
    if version == V1:
        return world.v1.call("instanceStatus", instanceId=instance_id, instanceStatus="FREEZE", **more)
    return world.v2.call("updateInstanceStatus", instanceId=instance_id, status="FREEZE", **more)


def ended(world: World, version: str, instance_id: str) -> HttpRequest:
    """The period has ended, and the instance is to be frozen for that."""
    if version == V1:
        return expiry(world, instance_id)
    world.clock.set(ENDED)
    return freezing(world, version, instance_id)


def unfreezing(world: World, version: str, instance_id: str, **more: Any) -> HttpRequest:
    """The reason of the freezing is gone."""
    if version == V1:
        return world.v1.call("instanceStatus", instanceId=instance_id, instanceStatus="NORMAL", **more)
    return world.v2.call("updateInstanceStatus", instanceId=instance_id, status="UNFREEZE", **more)


def upgrade(world: World, version: str, instance_id: str, order_id: str = "CS-upgrade", **more: Any) -> HttpRequest:
    """More of it, or another specification."""
    if version == V1:
        fields: dict[str, Any] = {"skuCode": "sku-2", "productId": "product-2", "amount": 20}
        return world.v1.call("upgrade", instanceId=instance_id, orderId=order_id, **fields | more)
    line = f"{order_id}-000001"
    return world.v2.call("upgradeInstance", instanceId=instance_id, orderId=order_id, orderLineId=line, **more)


def release(world: World, version: str, instance_id: str, **more: Any) -> HttpRequest:
    """Retention is over, or the buyer unsubscribed."""
    caller = world.v1 if version == V1 else world.v2
    return caller.call("releaseInstance", instanceId=instance_id, orderId="CS1", **more)


def query(world: World, version: str, *instance_ids: str, **more: Any) -> HttpRequest:
    """What is known of these instances?"""
    caller = world.v1 if version == V1 else world.v2
    return caller.call("queryInstance", instanceId=",".join(instance_ids), **more)


def check(world: World, instance_id: str, product: Any, **more: Any) -> HttpRequest:
    """Version 2 only: may the buyer change to ``product`` when renewing?"""
    return world.v2.call("changeInstanceCheck", instanceId=instance_id, productInfo=product, **more)


def notice(world: World, order_id: str = "CS1", **more: Any) -> HttpRequest:
    """Version 2 only, with a key of its own: something happened to an order."""
    members: Mapping[str, Any] = {"orderId": order_id, "orderLineId": f"{order_id}-000001"}
    return world.notify.call("orderNotify", **{**members, **more})
