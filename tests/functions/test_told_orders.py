"""The provisioner hears what each order is worth, and why an instance is released."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.openapi.order import Order, OrderLine
from shared.provisioning import Buyer, Charging, OrderSummary, OrderType, ReleaseReason, Specification
from tests.world import World

AT = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
LATER = {"expireTime": "20281120155959"}


def placed(world: World, order_id: str, kind: OrderType, amount: str) -> None:
    bought = Specification("P1", "S1", Charging.PERIOD, quantity=20)
    line = OrderLine(
        f"{order_id}-000001", bought, datetime(2027, 11, 20, 15, 59, 59, tzinfo=UTC), (), Decimal(amount), Decimal(900)
    )
    world.orders.orders[order_id] = Order(order_id, kind, AT, (line,), Buyer("customer-1"))


def told(world: World, method: str) -> OrderSummary | None:
    """The order that ``method`` was told last."""
    pairs = zip(world.provisioner.calls, world.provisioner.told, strict=False)
    return [instance.order for (called, *_), instance in pairs if called == method][-1]


def done(answer: dict[str, Any]) -> None:
    assert answer["resultCode"] == "000000"


def test_version_1(world: World) -> None:
    instance = {"instanceId": "business-1"}
    done(world.buy(orderAmount="1200.10"))
    assert told(world, "create") == OrderSummary("CS1", None, OrderType.NEW, Decimal("1200.10"), currency="CNY")
    done(world.send(world.v1.call("refreshInstance", **instance, orderId="R1", orderAmount="9.9", **LATER)))
    assert told(world, "renew") == OrderSummary("R1", None, OrderType.RENEW, Decimal("9.9"), currency="CNY")
    done(world.send(world.v1.call("upgrade", **instance, orderId="U1", skuCode="s", productId="p", amount=20)))
    assert told(world, "change") == OrderSummary("U1", None, OrderType.CHANGE, currency="CNY")
    done(world.send(world.v1.call("releaseInstance", **instance, orderId="CS1", orderAmount="1200.10")))
    back = OrderSummary("CS1", None, OrderType.UNSUBSCRIBE, Decimal("-1200.10"), currency="CNY")
    assert told(world, "release") == back


def test_version_2(world: World) -> None:
    instance = {"instanceId": "business-2"}
    placed(world, "CS2", OrderType.NEW, "800")
    done(world.buy_v2())
    bought = OrderSummary("CS2", "CS2-000001", OrderType.NEW, Decimal(800), Decimal(900), "CNY", AT)
    assert told(world, "create") == bought
    placed(world, "U2", OrderType.CHANGE, "50")
    done(world.send(world.v2.call("upgradeInstance", **instance, orderId="U2", orderLineId="U2-000001")))
    changed = OrderSummary("U2", "U2-000001", OrderType.CHANGE, Decimal(50), Decimal(900), "CNY", AT)
    assert told(world, "change") == changed
    placed(world, "R2", OrderType.RENEW, "70")
    renewal = {"orderId": "R2", "orderLineId": "R2-000001", **LATER}
    done(world.send(world.v2.call("refreshInstance", **instance, **renewal, scene="RENEWAL_CHANGE")))
    renewed = OrderSummary("R2", "R2-000001", OrderType.RENEW, Decimal(70), Decimal(900), "CNY", AT)
    assert told(world, "renew") == renewed
    done(world.send(world.v2.call("releaseInstance", **instance, orderId="X2", orderLineId="X2-000001")))
    assert told(world, "release") == OrderSummary("X2", "X2-000001", OrderType.UNSUBSCRIBE, currency="CNY")


def test_who_describes_or_freezes_is_told_of_no_order(world: World) -> None:
    done(world.buy())
    done(world.send(world.v1.call("instanceStatus", instanceId="business-1", instanceStatus="FREEZE")))
    done(world.send(world.v1.call("queryInstance", instanceId="business-1")))
    assert told(world, "freeze") is None
    assert told(world, "describe") is None


RELEASES: list[Any] = [
    pytest.param("v1", False, {"orderId": "CS1", "orderAmount": "5"}, ReleaseReason.UNSUBSCRIBED, id="v1-money-back"),
    pytest.param("v1", True, {"orderId": "CS1", "orderAmount": "0"}, ReleaseReason.EXPIRED, id="v1-retention"),
    pytest.param("v1", True, {"orderId": "CS1", "orderAmount": "5"}, ReleaseReason.UNSUBSCRIBED, id="v1-both"),
    pytest.param("v1", False, {"orderId": "CS1"}, ReleaseReason.UNSUBSCRIBED, id="v1-not-over"),
    pytest.param("v2", False, {"orderId": "X"}, ReleaseReason.UNSUBSCRIBED, id="v2-order"),
    pytest.param("v2", True, {}, ReleaseReason.EXPIRED, id="v2-no-order"),
]


@pytest.mark.parametrize(("version", "frozen", "fields", "reason"), RELEASES)
def test_the_reason_of_a_release(
    world: World, version: str, frozen: bool, fields: dict[str, str], reason: ReleaseReason
) -> None:
    done(world.buy())
    if frozen:
        done(world.send(world.v1.call("instanceStatus", instanceId="business-1", instanceStatus="FREEZE")))
    calls = world.v1 if version == "v1" else world.v2
    done(world.send(calls.call("releaseInstance", instanceId="business-1", **fields)))
    assert world.provisioner.told[-1].release_reason is reason


def test_what_is_undone_says_so(world: World) -> None:
    from functions.sweep import sweep
    from shared.clock import Deadline

    world.provisioner.pending = True
    assert world.buy_v2()["resultCode"] == "000004"
    world.clock.advance(world.app.settings.give_up + timedelta(minutes=1))
    assert sweep(world.app, {}, Deadline(world.clock, 60))["undone"] == 1
    assert world.provisioner.told[-1].release_reason is ReleaseReason.UNDONE
