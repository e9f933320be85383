"""Lives of instances in version 2 (production interfaces, section 3)."""

from typing import Any

from emulator.journey.orders import MORE_SEATS, OTHER_PRODUCT, OTHER_SKU, PRODUCT, SKU, TOO_FEW, order
from emulator.journey.player import Player, instance_of
from emulator.order_ids import business_id, line_of
from shared.commands import Version
from shared.errors import ResultCode
from shared.openapi.order import OrderType

ACCEPTED = (ResultCode.SUCCESS.value, ResultCode.IN_PROCESS.value)
"""A slow instance may be created in the background (section 3.1)."""
UNKNOWN = (ResultCode.UNKNOWN_INSTANCE.value,)


def ordered(player: Player, kind: OrderType, days: int = 365, **more: Any) -> dict[str, str]:
    """Place an order that the order query will tell; its ids."""
    number = player.order_id()
    player.orders.add(order(number, kind, player.clock, expires_at=player.day(days), **more))
    return {"orderId": number, "orderLineId": line_of(number)}


def period(player: Player) -> None:
    """The life of a yearly product, every call of it repeated where the marketplace may."""
    debug = {"orderId": "MOCKPERIODYEARNEW", "orderLineId": line_of("MOCKPERIODYEARNEW"), "testFlag": "1"}
    player.v2("debug call", "newInstance", debug | {"businessId": business_id()})
    ids = ordered(player, OrderType.NEW)
    instance = bought(player, "buy", ids)
    again = ids | {"businessId": business_id()}
    player.v2("the order again", "newInstance", again, instances=(instance,), codes=ACCEPTED)
    query(player, instance)
    renewals(player, instance)

    upgrade = {"instanceId": instance} | ordered(player, OrderType.CHANGE, seats=MORE_SEATS, sku=OTHER_SKU)
    player.v2("upgrade", "upgradeInstance", upgrade)
    player.v2("upgrade again", "upgradeInstance", upgrade)
    notice(player, ids)
    unsubscribed = {"instanceId": instance} | ordered(player, OrderType.UNSUBSCRIBE)
    player.v2("release: unsubscribed", "releaseInstance", unsubscribed)
    player.v2("release again", "releaseInstance", unsubscribed)
    status(player, "freeze after release", instance, "FREEZE")
    player.v2("renew after release", "refreshInstance", renewal(player, instance), codes=UNKNOWN)


def change(player: Player) -> None:
    """The buyer asks for another size while renewing: once too small, then larger."""
    instance = bought(player, "buy", ordered(player, OrderType.NEW))
    query(player, instance)
    small = {"productId": PRODUCT, "skuCode": SKU, "linearValue": TOO_FEW}
    check = {"instanceId": instance, "productInfo": small}
    player.v2("change to too few", "changeInstanceCheck", check, codes=_no(player))
    larger = {"productId": OTHER_PRODUCT, "skuCode": OTHER_SKU, "linearValue": MORE_SEATS}
    player.v2("change to more", "changeInstanceCheck", {"instanceId": instance, "productInfo": [larger]})
    ids = ordered(player, OrderType.RENEW, 730, seats=MORE_SEATS, sku=OTHER_SKU)
    player.v2("renew with the change", "refreshInstance", renewal(player, instance, scene="RENEWAL_CHANGE") | ids)
    player.v2("release: expired", "releaseInstance", {"instanceId": instance})


def trial(player: Player) -> None:
    """Tried, then bought."""
    instance = bought(player, "try", ordered(player, OrderType.TRIAL, 7))
    query(player, instance)
    formal = renewal(player, instance, scene="TRIAL_TO_FORMAL") | ordered(player, OrderType.TRIAL_TO_FORMAL)
    player.v2("trial to formal", "refreshInstance", formal)
    player.v2("release: expired", "releaseInstance", {"instanceId": instance})


def renewals(player: Player, instance: str) -> None:
    """Renewed, a year returned, frozen, renewed while frozen, unfrozen."""
    year = renewal(player, instance)
    player.v2("renew", "refreshInstance", year)
    player.v2("renew again", "refreshInstance", year)
    less = {"scene": "UNSUBSCRIBE_RENEWAL_PERIOD", "expireTime": player.later_v2(365)}
    returned = renewal(player, instance) | ordered(player, OrderType.UNSUBSCRIBE) | less
    player.v2("renewed year returned", "refreshInstance", returned)
    status(player, "freeze", instance, "FREEZE")
    status(player, "freeze again", instance, "FREEZE")
    player.v2("renew while frozen", "refreshInstance", renewal(player, instance))
    status(player, "unfreeze", instance, "UNFREEZE")


def renewal(player: Player, instance: str, scene: str = "RENEWAL") -> dict[str, Any]:
    """The members of a renewal by one year, in an order of its own."""
    ids = ordered(player, OrderType.RENEW, 730)
    return ids | {"instanceId": instance, "scene": scene, "expireTime": player.later_v2(730)}


def bought(player: Player, step: str, ids: dict[str, str]) -> str:
    """Buy what was ordered; the instance's id."""
    business = business_id()
    members = ids | {"businessId": business}
    return instance_of(player.v2(step, "newInstance", members, codes=ACCEPTED), business)


def query(player: Player, instance: str, *, metered: bool = False) -> None:
    """Ask for the way into an instance, and for its usage where it is metered."""
    members = {"instanceId": instance}
    player.v2("query", "queryInstance", members, instances=(instance,), access=True, metered=metered)


def status(player: Player, step: str, instance: str, word: str) -> None:
    """Freeze or unfreeze."""
    player.v2(step, "updateInstanceStatus", {"instanceId": instance, "status": word})


def notice(player: Player, ids: dict[str, str]) -> None:
    """Notify of an order; the interface has a key of its own (section 3.8)."""
    expected = player.expected(Version.V2, "orderNotify", key=player.notices.key)
    player.step("order notification", lambda: player.notices.call("orderNotify", testFlag="0", **ids), ids, expected)


def _no(player: Player) -> tuple[str, ...]:
    """A refusal; a provisioner of the seller's own may also agree."""
    demo = player.settings.get("KOOGALLERY_PROVISIONER") == "demo"
    refusal = ResultCode.INVALID_PARAMETER.value
    return (refusal,) if demo else (refusal, ResultCode.SUCCESS.value)
