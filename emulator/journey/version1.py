"""Lives of instances in version 1 (production interfaces, section 2)."""

from collections.abc import Mapping
from typing import Any

from emulator.journey.orders import (
    CUSTOMER,
    CUSTOMER_NAME,
    EMAIL,
    EXTENSION,
    MORE_SEATS,
    OTHER_PRODUCT,
    OTHER_SKU,
    PHONE,
    PRODUCT,
    SEATS,
    SKU,
)
from emulator.journey.player import Player, instance_of
from emulator.order_ids import business_id
from shared.errors import ResultCode
from shared.protocol.field_cipher import FieldCipher
from shared.protocol.production.extend_params import encode_extend_params

UNKNOWN = (ResultCode.UNKNOWN_INSTANCE.value,)


def purchase(player: Player, order: str, **more: Any) -> dict[str, Any]:
    """The fields of a purchase with everything a buyer can have agreed to share."""
    cipher = FieldCipher(player.settings.key, player.settings.cipher_bits)
    fields = {
        "orderId": order,
        "businessId": business_id(),
        "customerId": CUSTOMER,
        "customerName": CUSTOMER_NAME,
        "mobilePhone": cipher.encrypt(PHONE),
        "email": cipher.encrypt(EMAIL),
        "productId": PRODUCT,
        "skuCode": SKU,
        "orderAmount": "100.00",
    }
    return fields | more


def yearly(player: Player, order: str, **more: Any) -> dict[str, Any]:
    """The fields of a purchase for one year."""
    extension = encode_extend_params([{"name": name, "value": value} for name, value in EXTENSION.items()])
    period = {"chargingMode": 1, "periodType": "year", "periodNumber": 1, "expireTime": player.later(365)}
    return purchase(player, order, amount=SEATS, saasExtendParams=extension, **period) | more


def period(player: Player) -> None:
    """The life of a yearly product, every call of it repeated where the marketplace may."""
    order = player.order_id()
    player.v1("debug call", "newInstance", yearly(player, order, testFlag=1))
    instance = bought(player, "buy", yearly(player, order))
    player.v1("the order again", "newInstance", yearly(player, order), instances=(instance,))
    player.v1("buyer opens the resource", "newInstance", yearly(player, order), instances=(instance,))
    query(player, instance)
    renewals(player, order, instance)
    freezing(player, instance)

    target = {"skuCode": OTHER_SKU, "productId": OTHER_PRODUCT, "amount": MORE_SEATS}
    upgrade = {"orderId": player.order_id(), "instanceId": instance} | target
    player.v1("upgrade", "upgrade", upgrade)
    player.v1("upgrade again", "upgrade", upgrade)
    release(player, order, instance)
    player.v1("expire after release", "expireInstance", {"orderId": order, "instanceId": instance})
    player.v1("renew after release", "refreshInstance", renewal(player, instance), codes=UNKNOWN)


def trial(player: Player) -> None:
    """Tried, then bought."""
    order = player.order_id()
    week = {"periodType": "day", "periodNumber": 7, "expireTime": player.later(7)}
    instance = bought(player, "try", yearly(player, order, trialFlag=1, **week))
    formal = renewal(player, instance, productId=OTHER_PRODUCT, trialToFormal=1, expireTime=player.later(365))
    player.v1("trial to formal", "refreshInstance", formal)
    query(player, instance)
    release(player, order, instance)


def one_time(player: Player) -> None:
    """Bought once: no period, so nothing to renew."""
    order = player.order_id()
    instance = bought(player, "buy", purchase(player, order, chargingMode=3, amount=SEATS))
    release(player, order, instance)


def renewals(player: Player, order: str, instance: str) -> None:
    """Renewed, a year returned, expired, and renewed in the time in which the data is kept."""
    year = renewal(player, instance)
    player.v1("renew", "refreshInstance", year)
    player.v1("renew again", "refreshInstance", year)
    returned = renewal(player, instance, expireTime=player.later(365), orderAmount="-100.00")
    player.v1("renewed year returned", "refreshInstance", returned)
    player.v1("expire", "expireInstance", {"orderId": order, "instanceId": instance})
    player.v1("expire again", "expireInstance", {"orderId": order, "instanceId": instance})
    player.v1("renew while frozen", "refreshInstance", renewal(player, instance))


def renewal(player: Player, instance: str, **more: Any) -> dict[str, Any]:
    """The fields of a renewal by one year, in an order of its own."""
    fields = {
        "orderId": player.order_id(),
        "instanceId": instance,
        "periodType": "year",
        "periodNumber": 1,
        "expireTime": player.later(730),
        "orderAmount": "100.00",
    }
    return fields | more


def bought(player: Player, step: str, fields: Mapping[str, Any], **expected: Any) -> str:
    """Buy; the instance's id."""
    return instance_of(player.v1(step, "newInstance", fields, **expected), fields["businessId"])


def query(player: Player, *instances: str, metered: bool = False) -> None:
    """Ask for the way into instances, and for their usage where they are metered."""
    fields = {"instanceId": ",".join(instances)}
    player.v1("query", "queryInstance", fields, instances=instances, access=True, metered=metered)


def freezing(player: Player, instance: str) -> None:
    """Arrears or a violation, and their end."""
    player.v1("freeze", "instanceStatus", {"instanceId": instance, "instanceStatus": "FREEZE"})
    player.v1("unfreeze", "instanceStatus", {"instanceId": instance, "instanceStatus": "NORMAL"})


def release(player: Player, order: str, instance: str) -> None:
    """The end of an instance, told twice."""
    fields = {"orderId": order, "instanceId": instance, "orderAmount": "0.00"}
    player.v1("release", "releaseInstance", fields)
    player.v1("release again", "releaseInstance", fields)
