"""``orderNotify``: something happened to an order; it has an access key of its own."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions import sweep
from shared.clock import Deadline
from shared.errors import ConfigurationError, Unavailable
from shared.openapi.order import OrderNotFound
from shared.orders.book import BookedOrder
from shared.orders.notice import GIVEN_UP, PATIENCE, tell_what_waits
from shared.orders.statement import statement, total
from shared.provisioning import OrderSummary
from shared.watch.risk import risk
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


def swept(world: World, after: timedelta = timedelta(minutes=5)) -> None:
    world.clock.advance(after)
    sweep.sweep(world.app, {}, Deadline(world.clock, 200))


def test_while_the_order_query_does_not_answer_the_notice_is_kept_and_told_by_the_sweep(world):
    told = follower(world)
    world.orders.error = Unavailable("down")
    assert world.send(notice(world), NOTIFY_KEY) == SUCCESS
    assert risk(world.app).messages == [], "it counts as no failure"
    swept(world)
    assert told == []
    world.orders.error = None
    for _ in range(2):
        swept(world)
    assert [(order.order_id, order.type) for order in told] == [("CS1", "NEW")]
    assert [each.told.order_id for each in statement(world.app, "2026-11", Deadline(world.clock, 60))] == ["CS1"]


def test_one_that_cannot_be_kept_is_refused_and_comes_again(world):
    told = follower(world)
    world.orders.error = Unavailable("down")

    def full(table: str, method: str) -> None:
        if (table, method) == ("agenda", "put_many"):
            raise Unavailable("the store does not answer")

    world.tables.before = full
    assert world.send(notice(world), NOTIFY_KEY)["resultCode"] == "000005"
    world.tables.before = lambda _table, _method: None
    world.orders.error = None
    assert world.send(notice(world), NOTIFY_KEY) == SUCCESS
    swept(world)
    assert len(told) == 1


def test_the_same_call_again_is_told_with_the_same_key(world):
    world.orders.error = Unavailable("down")
    request = notice(world)
    for _ in range(2):
        assert world.send(request, NOTIFY_KEY) == SUCCESS
        world.clock.advance(1)
    world.orders.error = None
    swept(world)
    assert len({key for _, key in heard(world)}) == 1


def test_after_a_day_it_is_told_by_its_id_alone(world):
    told = follower(world)
    world.orders.error = Unavailable("down")
    assert world.send(notice(world), NOTIFY_KEY) == SUCCESS
    swept(world, PATIENCE - timedelta(minutes=6))
    assert told == []
    for _ in range(2):
        swept(world)
    assert [(order.order_id, order.type) for order in told] == [("CS1", None)]


def test_a_product_that_fails_to_hear_one_keeps_no_other_back_and_hears_it_later(world):
    world.orders.error = Unavailable("down")
    for number in (1, 2):
        assert world.send(notice(world, orderId=f"CS{number}"), NOTIFY_KEY) == SUCCESS
        world.clock.advance(1)
    world.orders.error = None
    told, deaf = list[str](), {"CS1"}

    def hear(order: OrderSummary, _key: str) -> None:
        if order.order_id in deaf:
            raise RuntimeError
        told.append(order.order_id)

    world.provisioner.__dict__["order_told"] = hear
    swept(world)
    assert told == ["CS2"]
    deaf.clear()
    swept(world)
    assert told == ["CS2", "CS1"]


@pytest.mark.parametrize(("left", "waited"), [(4.0, 0), (20.0, 16)])
def test_without_time_for_it_the_product_is_not_asked_and_no_error_is_made(world, log_lines, left, waited):
    told = follower(world)
    world.orders.error = Unavailable("down")
    assert world.send(notice(world), NOTIFY_KEY) == SUCCESS
    world.orders.error = None
    world.orders.before = lambda _method: world.clock.advance(waited)
    tell_what_waits(world.app, Deadline(world.clock, left))
    assert (told, log_lines("a notice of an order was not taken")) == ([], [])
    world.orders.before = None
    swept(world)
    assert len(told) == 1


def test_a_product_that_never_hears_it_is_not_told_for_ever(world, log_lines):
    def deaf(_order: OrderSummary, _key: str) -> None:
        raise RuntimeError

    world.provisioner.__dict__["order_told"] = deaf
    world.orders.error = Unavailable("down")
    assert world.send(notice(world), NOTIFY_KEY) == SUCCESS
    for after in (timedelta(minutes=5), GIVEN_UP, timedelta(minutes=5)):
        world.orders.error = None
        swept(world, after)
    assert len(log_lines("a notice of an order was not taken")) == 2


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
