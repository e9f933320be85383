"""Lives of what is paid by use: on-demand products and packages."""

from emulator.journey import version2
from emulator.journey.orders import OTHER_PRODUCT, OTHER_SKU
from emulator.journey.player import Player
from emulator.journey.version1 import bought, freezing, purchase, query, release
from emulator.order_ids import business_id
from shared.openapi.order import OrderType
from shared.provisioning import Charging


def on_demand(player: Player) -> None:
    """One order with two products makes two instances (production interfaces, section 2.1, notes)."""
    number = player.order_id()
    first = purchase(player, number, chargingMode=0)
    other = purchase(player, number, chargingMode=0, productId=OTHER_PRODUCT, skuCode=OTHER_SKU)
    one = bought(player, "first product", first)
    two = bought(player, "second product", other, others=(one,))
    again = first | {"businessId": business_id()}
    player.v1("first product again", "newInstance", again, instances=(one,))
    query(player, one, two, metered=True)
    freezing(player, one)
    release(player, number, one)
    release(player, number, two)


def package(player: Player) -> None:
    """A package of version 1."""
    number = player.order_id()
    instance = bought(player, "buy", purchase(player, number, chargingMode=5, expireTime=player.later(365)))
    query(player, instance, metered=True)
    release(player, number, instance)


def package_v2(player: Player) -> None:
    """A package of version 2."""
    instance = version2.bought(
        player, "buy", version2.ordered(player, OrderType.NEW, charging=Charging.ON_DEMAND_PACKAGE)
    )
    version2.query(player, instance, metered=True)
    player.v2("release: expired", "releaseInstance", {"instanceId": instance})
