"""``orderNotify``: something happened to an order; it has an access key of its own."""

from dataclasses import replace

import pytest

from shared.clock import Deadline
from shared.errors import ConfigurationError, Unavailable
from shared.openapi.order import OrderNotFound
from shared.orders.book import BookedOrder
from shared.orders.statement import statement, total
from shared.provisioning import OrderSummary
from tests.market import notice
from tests.world import ACCESS_KEY, NOTIFY_KEY, World

SUCCESS = {"resultCode": "000000", "resultMsg": "success."}
REFUSED = {"resultCode": "000001", "resultMsg": "authentication failed"}


def heard(world: World) -> list[tuple[str, str]]:
    return [(order_id, key) for method, order_id, key in world.provisioner.calls if method == "order_changed"]


@pytest.mark.every_entry
def test_the_provisioner_hears_of_it(world):
    assert world.send(notice(world), NOTIFY_KEY) == SUCCESS
    assert [order_id for order_id, _ in heard(world)] == ["CS1"]


@pytest.mark.every_entry
@pytest.mark.parametrize("path", ["/saas/", "/saas/notify", "/hooks/orders", "/"])
def test_it_may_arrive_at_an_address_of_its_own(world, path):
    assert world.send(replace(notice(world), path=path), NOTIFY_KEY) == SUCCESS
    assert world.send(replace(world.purchase(), path=path))["resultCode"] == "000000"


def test_each_notice_is_something_new_and_a_retry_is_not(world):
    first = notice(world)
    for request in (first, first, notice(world)):
        world.clock.advance(1)
        assert world.send(request, NOTIFY_KEY) == SUCCESS
    keys = [key for _, key in heard(world)]
    assert keys[0] == keys[1] != keys[2]


def test_the_line_may_be_missing(world):
    assert world.send(notice(world, orderLineId=None), NOTIFY_KEY) == SUCCESS
    assert len(heard(world)) == 1


def test_a_provisioner_need_not_listen(world):
    world.provisioner = object()
    world.restarted()
    assert world.send(notice(world), NOTIFY_KEY) == SUCCESS


@pytest.mark.every_entry
def test_the_key_of_the_other_interfaces_does_not_verify_it(world):
    request = world.v2.call("orderNotify", orderId="CS1", orderLineId="CS1-000001")
    assert world.send(request, NOTIFY_KEY) == REFUSED
    assert heard(world) == []


@pytest.mark.every_entry
def test_its_key_does_not_verify_the_other_interfaces(world):
    request = world.notify.call("releaseInstance", instanceId="orderNotify")
    assert world.send(request, ACCESS_KEY) == REFUSED


def test_without_a_key_of_its_own_the_basic_one_counts(build):
    world = build(settings={"KOOGALLERY_NOTIFY_ACCESS_KEY": ""})
    request = world.v2.call("orderNotify", orderId="CS1", orderLineId="CS1-000001")
    assert world.send(request, ACCESS_KEY) == SUCCESS
    assert len(heard(world)) == 1


@pytest.mark.parametrize("more", [{"testFlag": "1"}, {"orderId": "MOCKMONTYRENEW"}])
def test_a_debug_notice_touches_nothing(world, more):
    assert world.send(notice(world, **more), NOTIFY_KEY) == SUCCESS
    assert heard(world) == []
    assert set(world.tables.calls) == {("idempotency", "create")}


def test_a_notice_without_order_is_refused(world):
    answer = world.send(notice(world, orderId=""), NOTIFY_KEY)
    assert answer == {"resultCode": "000002", "resultMsg": "orderId is missing or malformed"}


def follower(world: World) -> list[OrderSummary]:
    """The world's provisioner, which wants to know what the order is."""
    told: list[OrderSummary] = []
    world.provisioner.__dict__["order_told"] = lambda order, key: told.append(order)
    return told


def test_the_order_is_asked_for_before_anybody_is_told(world):
    told = follower(world)
    assert world.send(notice(world), NOTIFY_KEY) == SUCCESS
    assert [(order.order_id, order.type, order.currency) for order in told] == [("CS1", "NEW", "CNY")]
    assert heard(world) == [], "who has both methods is told once"


def test_nobody_is_told_while_the_order_query_does_not_answer(world):
    told = follower(world)
    world.orders.error = Unavailable("down")
    assert world.send(notice(world), NOTIFY_KEY)["resultCode"] == "000005"
    assert told == []
    world.orders.error = None
    assert world.send(notice(world), NOTIFY_KEY) == SUCCESS
    assert len(told) == 1


@pytest.mark.parametrize("error", [OrderNotFound("no such order"), ConfigurationError("no key")])
def test_an_order_that_cannot_be_asked_for_is_told_by_its_id(world, error):
    told = follower(world)
    world.orders.error = error
    assert world.send(notice(world), NOTIFY_KEY) == SUCCESS
    assert [(order.order_id, order.type, order.amount) for order in told] == [("CS1", None, None)]


def test_the_order_book_has_it_once_and_counts_it_by_its_instance(world):
    def booked() -> list[BookedOrder]:
        return statement(world.app, "2026-11", Deadline(world.clock, 60))

    assert world.send(notice(world, orderId="CS2", orderLineId="CS2-000001"), NOTIFY_KEY) == SUCCESS
    assert [(each.told.order_id, each.instance_id, each.outcome) for each in booked()] == [("CS2", "", "notified")]
    assert total(booked()) == 0
    assert world.buy_v2("CS2")["resultCode"] == "000000"
    assert world.send(notice(world, orderId="CS2", orderLineId="CS2-000001"), NOTIFY_KEY) == SUCCESS
    assert [(each.told.order_id, each.instance_id, each.outcome) for each in booked()] == [
        ("CS2", "business-2", "done")
    ]
