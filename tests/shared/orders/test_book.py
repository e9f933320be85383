"""Each order is in the order book once, with what is known of it, whatever calls tell and in whichever words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.clock import Deadline
from shared.errors import ConfigurationError, ProvisioningError, ResultCode, Unavailable
from shared.instance.lookup import of_order
from shared.openapi.order import Order, OrderLine, OrderNotFound
from shared.orders.book import BookedOrder
from shared.orders.pricing import price
from shared.orders.statement import orders_by_id, policy, statement, total
from shared.orders.told import ToldOrder
from shared.provisioning import Buyer, Charging, OrderType, Specification
from tests.test_crash_points import deaths
from tests.world import World

YEAR = {"expireTime": "20281120235959"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def priced(world: World, order_id: str, kind: OrderType, amount: str, before: str | None = None) -> None:
    line = OrderLine(
        f"{order_id}-000001",
        Specification("P1", charging=Charging.PERIOD, quantity=10),
        datetime(2027, 11, 20, 15, 59, 59, tzinfo=UTC),
        amount=Decimal(amount),
        list_amount=Decimal(before or amount),
    )
    buyer = Buyer("customer-1", "Zhang San")
    world.orders.orders[order_id] = Order(order_id, kind, world.clock.now(), (line,), buyer)


def book(world: World, month: str = "2026-11") -> list[BookedOrder]:
    return statement(world.app, month, Deadline(world.clock, 60))


def told(world: World, month: str = "2026-11") -> dict[tuple[str, str], tuple[str | None, str]]:
    """(order, type) -> (amount, outcome)."""
    found = book(world, month)
    told_orders = {
        (each.told.order_id, each.told.type or ""): (
            None if each.told.amount is None else str(each.told.amount),
            each.outcome,
        )
        for each in found
    }
    assert len(told_orders) == len(found), "each order is there once"
    return told_orders


def done(answer: dict[str, Any]) -> None:
    assert answer["resultCode"] == "000000"


def test_version_1_tells_amounts(world: World) -> None:
    done(world.buy(orderAmount="1200.10"))
    done(world.buy("CS1", "again", orderAmount="1200.10"))
    renewal = {"instanceId": "business-1", "orderId": "R1", "orderAmount": "99.999", **YEAR}
    done(world.send(world.v1.call("refreshInstance", **renewal)))
    done(world.send(world.v1.call("refreshInstance", **renewal)))
    returned = {"instanceId": "business-1", "orderId": "R1", "orderAmount": "-99.999", "expireTime": "20271120235959"}
    done(world.send(world.v1.call("refreshInstance", **returned)))
    done(world.send(world.v1.call("releaseInstance", instanceId="business-1", orderId="CS1", orderAmount="1200.1")))
    done(world.send(world.v1.call("releaseInstance", instanceId="business-1", orderId="CS1", orderAmount="1200.1")))

    assert told(world) == {
        ("CS1", "NEW"): ("1200.10", "done"),
        ("R1", "RENEW"): ("99.999", "done"),
        ("R1", "UNSUBSCRIBE_RENEWAL_PERIOD"): ("-99.999", "done"),
        ("CS1", "UNSUBSCRIBE"): ("-1200.1", "done"),
    }
    assert total(book(world)) == 0
    assert world.orders.asked == [], "nothing was left to ask for"


def test_version_2_leaves_amounts_to_the_order_query(world: World) -> None:
    priced(world, "CS2", OrderType.NEW, "100.00", "120.00")
    done(world.buy_v2())
    for order_id, kind, amount in (("R2", OrderType.RENEW, "90"), ("U2", OrderType.UNSUBSCRIBE, "100.00")):
        priced(world, order_id, kind, amount)
    renewal = {"scene": "RENEWAL", "instanceId": "business-2", "orderId": "R2", "orderLineId": "R2-000001"}
    done(world.send(world.v2.call("refreshInstance", **renewal, expireTime="20281120155959")))
    release = {"instanceId": "business-2", "orderId": "U2", "orderLineId": "U2-000001"}
    before = list(world.orders.asked)
    done(world.send(world.v2.call("releaseInstance", **release)))
    assert world.orders.asked == before, "the call does not ask"

    assert price(world.app, Deadline(world.clock, 60)) == 2
    assert world.orders.asked[len(before) :] == ["R2", "U2"]
    assert told(world) == {
        ("CS2", "NEW"): ("100.00", "done"),
        ("R2", "RENEW"): ("90", "done"),
        ("U2", "UNSUBSCRIBE"): ("-100.00", "done"),
    }
    assert str(book(world)[0].told.list_amount) == "120.00"
    assert price(world.app, Deadline(world.clock, 60)) == 0, "each is asked for once"


def test_a_return_under_the_id_of_its_renewal_gives_all_of_it_back(world: World) -> None:
    priced(world, "CS2", OrderType.NEW, "100")
    done(world.buy_v2())
    priced(world, "R2", OrderType.RENEW, "90")
    call = {"instanceId": "business-2", "orderId": "R2", "orderLineId": "R2-000001"}
    done(world.send(world.v2.call("refreshInstance", scene="RENEWAL", expireTime="20281120155959", **call)))
    world.clock.advance(timedelta(days=20))
    scene = "UNSUBSCRIBE_RENEWAL_PERIOD"
    done(world.send(world.v2.call("refreshInstance", scene=scene, expireTime="20271120155959", **call)))

    assert told(world, "2026-12") == {("R2", scene): ("-90", "done")}
    assert told(world)["R2", "RENEW"] == ("90", "done")


def test_malformed_money_is_noted_and_refuses_nothing(world: World) -> None:
    world.orders.error = OrderNotFound("the open API knows no such order")
    done(world.buy(orderAmount="-1"))
    renewal = {"instanceId": "business-1", "orderId": "R1", "orderAmount": "twelve", **YEAR}
    done(world.send(world.v1.call("refreshInstance", **renewal)))
    assert {each.told.order_id: (each.told.amount, each.note) for each in book(world)} == {
        "CS1": (None, "unreadable"),
        "R1": (None, "unreadable"),
    }
    world.orders.error = None
    priced(world, "R1", OrderType.RENEW, "12")
    assert told(world)["R1", "RENEW"] == ("12", "done")
    assert book(world)[1].note == "unreadable in the call, told by the order query"


def test_an_order_that_comes_too_late_for_an_effect_is_paid_all_the_same(world: World) -> None:
    """A renewal after its own return, an unsubscription after the end of the retention time."""
    done(world.buy(orderAmount="5"))
    call = {"instanceId": "business-1", "orderId": "R1"}
    done(world.send(world.v1.call("refreshInstance", **call, orderAmount="-7", expireTime="20271120235959")))
    done(world.send(world.v1.call("refreshInstance", **call, orderAmount="7", **YEAR)))
    done(world.send(world.v2.call("releaseInstance", instanceId="business-1")))
    for _ in range(2):
        done(world.send(world.v1.call("releaseInstance", instanceId="business-1", orderId="CS1", orderAmount="5")))
    assert told(world) == {
        ("CS1", "NEW"): ("5", "done"),
        ("R1", "UNSUBSCRIBE_RENEWAL_PERIOD"): ("-7", "no effect"),
        ("R1", "RENEW"): ("7", "no effect"),
        ("CS1", "UNSUBSCRIBE"): ("-5", "no effect"),
    }
    assert [each.reason for each in book(world) if each.reason] == ["it was returned or released before"] * 2


def test_the_order_of_an_unsubscription_finds_its_instance(world: World) -> None:
    done(world.buy())
    done(world.send(world.v2.call("releaseInstance", instanceId="business-1", orderId="X1", orderLineId="X1-000001")))
    assert [each.instance_id for each in of_order(world.app, "X1").instances] == ["business-1"]


def test_each_product_of_an_order_has_its_own_price(world: World) -> None:
    """Version 1 names no line; an amount that cannot be read is asked for by the product."""
    world.orders.error = OrderNotFound("the open API knows no such order")
    for product in ("sms", "mms"):
        done(world.buy(business_id=product, productId=product, chargingMode=0, orderAmount="free"))
    world.orders.error = None
    lines = tuple(
        OrderLine(f"CS1-00000{place}", Specification(product), amount=Decimal(place))
        for place, product in enumerate(("sms", "mms"), 1)
    )
    world.orders.orders["CS1"] = Order("CS1", OrderType.NEW, world.clock.now(), lines, Buyer("customer-1"))
    assert {each.instance_id: each.told.amount for each in book(world)} == {"sms": 1, "mms": 2}


def test_an_unreadable_refund_is_not_guessed_at(world: World) -> None:
    """The order that is given back does not tell how much of it is."""
    priced(world, "CS1", OrderType.NEW, "100")
    done(world.buy(orderAmount="100"))
    done(world.send(world.v1.call("releaseInstance", instanceId="business-1", orderId="CS1", orderAmount="12,50")))
    assert told(world) == {("CS1", "NEW"): ("100", "done"), ("CS1", "UNSUBSCRIBE"): (None, "done")}


def test_a_debug_call_never_gets_in(world: World) -> None:
    done(world.buy(orderAmount="5", testFlag=1))
    done(world.buy_v2(testFlag="1"))
    done(world.buy_v2("MOCKPERIODYEARNEW"))
    done(
        world.send(world.v1.call("refreshInstance", instanceId="i", orderId="R1", orderAmount="5", testFlag=1, **YEAR))
    )
    assert book(world) == []


def test_what_fails_is_there_with_its_reason_and_does_not_count(world: World) -> None:
    def refuse(method: str) -> None:
        raise ProvisioningError("sold out", ResultCode.SOLD_OUT)

    world.provisioner.before = refuse
    assert world.buy(orderAmount="5")["resultCode"] == "000106"
    (failed,) = book(world)
    assert (failed.outcome, failed.reason, str(failed.told.amount)) == ("failed", "sold out", "5")
    assert total([failed]) == 0
    world.provisioner.before = None
    done(world.buy(business_id="another", orderAmount="5"))
    assert told(world) == {("CS1", "NEW"): ("5", "done")}


def test_an_attempt_that_fails_after_another_one_succeeded_changes_no_sum(world: World) -> None:
    """It outlived its lease, and wrote into the order book what it believed."""
    done(world.buy(orderAmount="5"))
    priced(world, "R1", OrderType.RENEW, "90")
    renewal = {"instanceId": "business-1", "orderId": "R1", "orderLineId": "R1-000001"}
    done(world.send(world.v2.call("refreshInstance", scene="RENEWAL", expireTime="20281120155959", **renewal)))
    for late in book(world):
        world.app.instances.book(replace(late, outcome="failed", reason="too late"))

    assert told(world) == {("CS1", "NEW"): ("5", "done"), ("R1", "RENEW"): ("90", "done")}
    assert {each.reason for each in book(world)} == {""}
    world.app.instances.book(replace(book(world)[0], told=ToldOrder("R3", None, OrderType.RENEW), outcome="failed"))
    world.app.instances.book(
        replace(book(world)[0], told=ToldOrder("R1", None, OrderType.UNSUBSCRIBE), outcome="failed")
    )
    failed = {(each.told.order_id, each.told.type) for each in book(world) if each.outcome == "failed"}
    assert failed == {("R3", OrderType.RENEW), ("R1", OrderType.UNSUBSCRIBE)}


def test_what_is_out_of_reach_is_there_with_its_reason(world: World) -> None:
    def away(_method: str) -> None:
        raise Unavailable("the backend is down")

    world.provisioner.before = away
    assert world.buy(orderAmount="5")["resultCode"] == "000005"
    (failed,) = book(world)
    assert (failed.outcome, failed.reason, str(failed.told.amount)) == ("failed", "the backend is down", "5")


def test_an_order_whose_line_nobody_tells_is_there_with_its_reason(world: World) -> None:
    world.orders.error = Unavailable("the open API is down")
    assert world.buy_v2("CS1", orderLineId=None)["resultCode"] == "000005"
    (failed,) = orders_by_id(world.app, ["CS1"])
    assert (failed.outcome, failed.reason) == ("failed", "the open API is down")


def test_an_order_of_an_instance_that_is_gone_is_refused(world: World) -> None:
    done(world.buy(orderAmount="5"))
    done(world.send(world.v1.call("releaseInstance", instanceId="business-1", orderId="CS1")))
    for instance_id, order_id in (("business-1", "R1"), ("unknown", "R2")):
        renewal = {"instanceId": instance_id, "orderId": order_id, "orderAmount": "7", **YEAR}
        assert world.send(world.v1.call("refreshInstance", **renewal))["resultCode"] == "000003"
    assert told(world) == {
        ("CS1", "NEW"): ("5", "done"),
        ("R1", "RENEW"): ("7", "refused"),
        ("R2", "RENEW"): ("7", "refused"),
    }
    refused = [(each.reason, each.customer_id, each.product_id) for each in book(world) if each.reason]
    assert sorted(refused) == [("instance id does not exist", "", ""), ("instance was released", "", "")]
    assert total(book(world)) == 5


def test_a_pending_order_counts_once_it_is_done(world: World) -> None:
    priced(world, "CS2", OrderType.NEW, "8.5")
    world.provisioner.pending = True
    assert world.buy_v2()["resultCode"] == "000004"
    assert told(world) == {("CS2", "NEW"): ("8.5", "pending")}
    assert total(book(world)) == 0
    world.provisioner.pending = False
    done(world.send(world.v2.call("queryInstance", instanceId="business-2")))
    assert told(world) == {("CS2", "NEW"): ("8.5", "done")}
    assert total(book(world)) == Decimal("8.5")


@pytest.mark.parametrize("error", [Unavailable("down"), ConfigurationError("no key")])
def test_who_cannot_be_asked_is_asked_again_later(world: World, error: Exception) -> None:
    world.orders.error = error
    done(world.buy())
    assert price(world.app, Deadline(world.clock, 60)) == 0
    assert told(world) == {("CS1", "NEW"): (None, "done")}
    world.orders.error = None
    priced(world, "CS1", OrderType.NEW, "3")
    assert price(world.app, Deadline(world.clock, 60)) == 1
    assert told(world) == {("CS1", "NEW"): ("3", "done")}


def test_what_the_order_query_does_not_know_is_asked_for_a_day(world: World) -> None:
    world.orders.error = OrderNotFound("the open API knows no such order")
    done(world.buy())
    assert price(world.app, Deadline(world.clock, 60)) == 0
    world.clock.advance(timedelta(days=1, minutes=1))
    assert price(world.app, Deadline(world.clock, 60)) == 1
    assert price(world.app, Deadline(world.clock, 60)) == 0
    assert [each.note for each in book(world)] == ["the open API knows no such order"]


@pytest.mark.parametrize(("at", "month"), [("2026-11-30T15:59:59", "2026-11"), ("2026-11-30T16:00:00", "2026-12")])
def test_months_are_those_of_beijing(world: World, at: str, month: str) -> None:
    world.clock.set(datetime.fromisoformat(at).replace(tzinfo=UTC))
    done(world.buy(orderAmount="5"))
    assert {each: len(book(world, each)) for each in ("2026-11", "2026-12")} == {
        "2026-11": int(month == "2026-11"),
        "2026-12": int(month == "2026-12"),
    }


def test_an_order_moves_to_the_month_in_which_it_was_placed(world: World) -> None:
    done(world.buy())
    world.clock.set(datetime(2026, 11, 30, 15, tzinfo=UTC))
    priced(world, "R1", OrderType.RENEW, "4")
    world.clock.advance(timedelta(hours=3))
    done(world.send(world.v1.call("refreshInstance", instanceId="business-1", orderId="R1", **YEAR)))
    assert ("R1", "RENEW") not in told(world), "known only by the hint of December so far"
    assert told(world, "2026-12") == {}
    assert told(world)["R1", "RENEW"] == ("4", "done")


@pytest.mark.parametrize(
    ("at", "expected"), [("2024-02-29T15:59:59", "old"), ("2024-02-29T16:00:00", "new"), ("2026-11-20T08:30:00", "new")]
)
def test_settlement_policy_of_march_2024(world: World, at: str, expected: str) -> None:
    world.clock.set(datetime.fromisoformat(at).replace(tzinfo=UTC))
    done(world.buy(orderAmount="5"))
    assert [policy(each) for each in orders_by_id(world.app, ["CS1", "unknown"])] == [expected]


def test_hundreds_of_orders_are_read_by_pages(world: World) -> None:
    for number in range(230):
        done(world.buy(f"CS{number:03d}", f"b{number}", orderAmount="0.01"))
    world.tables.reset()
    assert total(book(world)) == Decimal("2.30")
    assert world.tables.total <= 3 * 3
    assert len(orders_by_id(world.app, [f"CS{number:03d}" for number in range(230)])) == 230


def test_no_crash_leaves_an_order_out_or_twice(tmp_path: Path) -> None:
    for world in deaths(tmp_path, lambda _: None, lambda world: world.purchase(orderAmount="10.5")):
        world.clock.advance(61)
        done(world.send(world.purchase(business_id="business-9", orderAmount="10.5")))
        assert told(world) == {("CS1", "NEW"): ("10.5", "done")}
