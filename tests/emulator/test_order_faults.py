"""What the bundle's own client sees of each fault of the order query."""

from datetime import UTC, datetime

import pytest

from emulator.marketplace.faults.fault_list import ORDER_FAULTS
from emulator.openapi.order_query import OrderQueryApi, Orders
from emulator.wire.api_answers import Dropped
from emulator.wire.faults import Fault
from shared.clock import Deadline
from shared.errors import KooGalleryError, Unavailable
from shared.http import HttpRequest, HttpResponse
from shared.openapi.order import Order, OrderLine, OrderNotFound
from shared.openapi.order_query import OrderQuery
from shared.outbound import ConnectionLost
from shared.provisioning import Buyer, Charging, OrderType, Specification
from tests.clients import HandlerClient
from tests.fakes import FakeClock

AK, SK = "ak", "sk"
SLOW, TOO_SLOW = ORDER_FAULTS["orders-slow"].delay, ORDER_FAULTS["orders-too-slow"].delay
ORDER = Order(
    "CS1",
    OrderType.NEW,
    datetime(2026, 11, 18, tzinfo=UTC),
    (OrderLine("CS1-000001", Specification("P1", charging=Charging.PERIOD)),),
    Buyer("customer-1"),
)


class OrderQueryWorld:
    """A marketplace that has the order, and somebody who asks for it."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        orders = Orders(self.clock)
        orders.add(ORDER)
        self.api = OrderQueryApi(AK, SK, self.clock, orders)
        self.client = HandlerClient(self._answer)
        self._query = OrderQuery(["https://mkt.example"], ak=AK, sk=SK, clock=self.clock, client=self.client)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.api.answer(request)
        except Dropped:
            raise ConnectionLost("the connection broke") from None

    def find(self) -> str:
        return self._query.find("CS1", None, Deadline(self.clock, 60)).order_id


@pytest.fixture
def world() -> OrderQueryWorld:
    return OrderQueryWorld()


SEEN: dict[str, tuple[int, type[KooGalleryError] | None]] = {
    "orders-internal-error": (2, Unavailable),
    "orders-throttled": (2, Unavailable),
    "orders-gateway-throttled": (2, Unavailable),
    "orders-bad-gateway": (2, Unavailable),
    "orders-unavailable": (2, Unavailable),
    "orders-gateway-timeout": (2, Unavailable),
    "orders-dropped": (2, Unavailable),
    "orders-slow": (1, None),
    "orders-too-slow": (2, Unavailable),
    "orders-empty": (2, Unavailable),
    "orders-unknown": (1, OrderNotFound),
}
"""How many calls it takes if the fault is met once, and what becomes of it if it stays."""


@pytest.mark.parametrize("name", [*ORDER_FAULTS])
def test_what_is_seen_of_each(world: OrderQueryWorld, name: str) -> None:
    calls, lasting = SEEN[name]
    world.api.faults.inject(ORDER_FAULTS[name])
    if lasting is OrderNotFound:
        with pytest.raises(OrderNotFound):
            world.find()
    else:
        assert world.find() == "CS1"
    assert len(world.client.requests) == calls
    world.api.faults.chance = lambda: ORDER_FAULTS[name]
    if lasting:
        with pytest.raises(lasting):
            world.find()
    world.api.faults.chance = Fault
    assert world.find() == "CS1"


def test_each_slow_answer_takes_its_time(world: OrderQueryWorld) -> None:
    world.api.faults.inject(ORDER_FAULTS["orders-slow"])
    world.find()
    world.api.faults.inject(ORDER_FAULTS["orders-too-slow"])
    world.find()
    assert [seconds for seconds in world.clock.slept if seconds in (SLOW, TOO_SLOW)] == [SLOW, TOO_SLOW]


def test_an_order_that_is_replicated_late(world: OrderQueryWorld) -> None:
    world.api.faults.inject(ORDER_FAULTS["orders-unknown"], times=3)
    for _ in range(3):
        with pytest.raises(OrderNotFound):
            world.find()
    assert world.find() == "CS1"


def test_a_wrong_signature_is_a_wrong_signature_whatever_the_order(world: OrderQueryWorld) -> None:
    world.api.faults.inject(ORDER_FAULTS["orders-unknown"])
    world.api.faults.inject(ORDER_FAULTS["orders-empty"])
    wrong = HttpRequest("GET", "/api/mkp-openapi-public/global/v1/order/query", (("orderId", "CS1"),))
    assert [world.api.answer(wrong).status for _ in range(2)] == [401, 401]


def test_whoever_has_the_orders_can_be_asked() -> None:
    class Market(Orders):
        def get(self, order_id: str) -> Order | None:
            return ORDER if order_id == "CS1" else None

    world = OrderQueryWorld()
    world.api = OrderQueryApi(AK, SK, world.clock, Market(world.clock))
    assert world.find() == "CS1"
