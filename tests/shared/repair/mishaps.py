"""What goes wrong, for the commands that mend it."""

from dataclasses import replace
from datetime import UTC, datetime

from shared.errors import ProvisioningError
from shared.openapi.order import OrderType
from tests.world import World, order

LATER = datetime(2028, 11, 20, 15, 59, 59, tzinfo=UTC)
RENEWAL = {
    "scene": "RENEWAL",
    "instanceId": "b2",
    "orderId": "R1",
    "orderLineId": "R1-000001",
    "expireTime": "20281120155959",
}


def failing(world: World, *methods: str) -> None:
    """The provisioner refuses these methods from now on; none: it is well again."""

    def refuse(method: str) -> None:
        if method in methods:
            raise ProvisioningError("the database is full")

    world.provisioner.before = refuse


def placed(world: World, order_id: str, kind: OrderType, expires_at: datetime | None = LATER) -> None:
    """The order query knows such an order."""
    made = order(order_id, kind=kind)
    world.orders.orders[order_id] = replace(made, lines=(replace(made.lines[0], expires_at=expires_at),))


def failed_creation(world: World) -> None:
    failing(world, "create")
    world.buy_v2("CS2", "b2")
    failing(world)


def failed_renewal(world: World) -> None:
    world.buy_v2("CS2", "b2")
    placed(world, "R1", OrderType.RENEW)
    failing(world, "renew")
    assert world.send(world.v2.call("refreshInstance", **RENEWAL))["resultCode"] == "000005"
    failing(world)


def refunded(world: World) -> None:
    """Without anybody having told."""
    world.buy_v2("CS2", "b2")
    placed(world, "T1", OrderType.UNSUBSCRIBE)


def pending(world: World, order_id: str = "CS2", instance_id: str = "b2") -> None:
    """The provisioner was slow once."""
    world.provisioner.pending = True
    world.buy_v2(order_id, instance_id)
    world.provisioner.pending = False
    world.clock.advance(1)


def frozen(world: World) -> None:
    world.buy_v2("CS2", "b2")
    world.send(world.v2.call("updateInstanceStatus", instanceId="b2", instanceStatus="FREEZE"))
