"""The server side of the order query: what it checks, what it serves, what goes wrong on demand."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from emulator.openapi.lockout import LOCK_AFTER, LOCK_FOR
from emulator.openapi.mock_orders import MOCK_ORDERS
from emulator.openapi.order_info import order_info
from emulator.openapi.order_query import OrderQueryApi, Orders
from emulator.wire.api_answers import Dropped
from emulator.wire.faults import Fault
from shared.http import HttpRequest, HttpResponse
from shared.openapi.order import Order, OrderLine, Product, read_order
from shared.openapi.order_query import PATH
from shared.openapi.signer import sign
from shared.provisioning import Buyer, Charging, OrderType, Specification
from tests.fakes import FakeClock

AK, SK, HOST = "ak", "sk", "mkt.example"
SPECIFICATION = Specification("P", "S", Charging.PERIOD, "month", 3, 5, parameters={"a": "1"})
LINE = OrderLine(
    "CS1-000001",
    SPECIFICATION,
    datetime(2027, 1, 1, tzinfo=UTC),
    (Product("P", "S", 5, "Name"),),
)
ORDER = Order(
    "CS1",
    OrderType.RENEW,
    datetime(2026, 1, 1, tzinfo=UTC),
    (LINE, replace(LINE, line_id="CS1-000002")),
    Buyer("c", "n", "u", "un", "138", "e@example.com"),
    {"b": "2"},
)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def api(clock: FakeClock) -> OrderQueryApi:
    orders = Orders(clock)
    orders.add(ORDER)
    return OrderQueryApi(AK, SK, clock, orders)


def request(at: datetime, query: str = "orderId=CS1", *, ak: str = AK, sk: str = SK, **more: Any) -> HttpRequest:
    headers = sign(
        ak=ak, sk=sk, method="GET", url=f"https://{HOST}{PATH}?{query}", headers={"X-A": "1"}, body=b"", at=at
    )
    pairs = tuple(tuple(pair.split("=")) for pair in query.split("&"))
    received = HttpRequest("GET", PATH, pairs, {name.lower(): value for name, value in headers.items()})  # type: ignore[arg-type]
    return replace(received, **more)


def members(response: HttpResponse) -> dict[str, Any]:
    assert response.headers["Content-Type"] == "application/json"
    document: dict[str, Any] = json.loads(response.body)
    return document


def test_signed_call_is_answered(api: OrderQueryApi, clock: FakeClock) -> None:
    response = api.answer(request(clock.now()))
    assert response.status == 200
    answer = members(response)
    assert answer["resultCode"] == "MKT.0000"
    assert read_order(answer["orderInfo"]).order_id == "CS1"


@pytest.mark.parametrize("minutes", [-15, 0, 15])
def test_clock_may_be_a_little_wrong(api: OrderQueryApi, clock: FakeClock, minutes: int) -> None:
    assert api.answer(request(clock.now() + timedelta(minutes=minutes))).status == 200


def without(name: str) -> Callable[[HttpRequest], HttpRequest]:
    return lambda call: replace(call, headers={key: value for key, value in call.headers.items() if key != name})


def with_header(name: str, value: str) -> Callable[[HttpRequest], HttpRequest]:
    return lambda call: replace(call, headers={**call.headers, name: value})


@pytest.mark.parametrize(
    "spoil",
    [
        without("authorization"),
        without("x-sdk-date"),
        without("host"),
        with_header("x-a", "2"),
        with_header("host", "other.example"),
        with_header("x-sdk-date", "yesterday"),
        with_header("authorization", "Basic YTpi"),
        lambda call: replace(call, query=(("orderId", "CS2"),)),
        lambda call: replace(call, body=b"x"),
    ],
)
def test_spoilt_signature(api: OrderQueryApi, clock: FakeClock, spoil: Callable[[HttpRequest], HttpRequest]) -> None:
    response = api.answer(spoil(request(clock.now())))
    assert response.status == 401
    assert members(response)["error_code"] == "APIGW.0301"


@pytest.mark.parametrize("changes", [{"ak": "other"}, {"sk": "other"}])
def test_other_keys(api: OrderQueryApi, clock: FakeClock, changes: dict[str, str]) -> None:
    assert api.answer(request(clock.now(), **changes)).status == 401


@pytest.mark.parametrize("seconds", [-901, 901])
def test_wrong_clock(api: OrderQueryApi, clock: FakeClock, seconds: int) -> None:
    assert api.answer(request(clock.now() + timedelta(seconds=seconds))).status == 401


def test_access_key_is_locked_after_too_many_refusals(api: OrderQueryApi, clock: FakeClock) -> None:
    for _ in range(LOCK_AFTER):
        api.answer(request(clock.now(), sk="wrong"))
    assert api.answer(request(clock.now())).status == 200
    for _ in range(LOCK_AFTER + 1):
        api.answer(request(clock.now(), sk="wrong"))
    assert api.answer(request(clock.now())).status == 401
    clock.advance(LOCK_FOR)
    assert api.answer(request(clock.now())).status == 200


def test_other_path(api: OrderQueryApi, clock: FakeClock) -> None:
    response = api.answer(request(clock.now(), path="/other"))
    assert (response.status, members(response)["error_code"]) == (404, "APIGW.0101")


def test_call_without_an_order(api: OrderQueryApi, clock: FakeClock) -> None:
    response = api.answer(request(clock.now(), "orderLineId=CS1-000001"))
    assert (response.status, members(response)["resultCode"]) == (400, "MKT.0101")


@pytest.mark.parametrize("query", ["orderId=CS9", "orderId=CS1&orderLineId=CS1-000009"])
def test_unknown_order(api: OrderQueryApi, clock: FakeClock, query: str) -> None:
    response = api.answer(request(clock.now(), query))
    assert (response.status, members(response)["resultCode"]) == (500, "MKT.0100")


def test_one_line_of_an_order(api: OrderQueryApi, clock: FakeClock) -> None:
    info = members(api.answer(request(clock.now(), "orderId=CS1&orderLineId=CS1-000002")))["orderInfo"]
    assert [line["orderLineId"] for line in info["orderLine"]] == ["CS1-000002"]


def test_members_are_those_of_the_documented_sample() -> None:
    info = order_info(ORDER, [LINE])
    assert list(info) == ["orderId", "orderType", "createTime", "orderLine", "buyerInfo", "extendParams"]
    assert info["createTime"] == "20260101000000"
    assert info["orderLine"][0] == {
        "orderLineId": "CS1-000001",
        "chargingMode": "PERIOD",
        "periodType": "month",
        "periodNumber": 3,
        "expireTime": "20270101000000",
        "productInfo": [{"productId": "P", "skuCode": "S", "linearValue": 5, "productName": "Name"}],
        "extendParams": [{"name": "a", "value": "1"}],
        "currency": None,
        "currencyAfterDiscount": None,
    }
    assert info["buyerInfo"]["customerType"] == 0


def test_order_reads_back_as_it_was_registered() -> None:
    read = read_order(json.loads(json.dumps(order_info(ORDER, [LINE]))))
    expected = replace(LINE, specification=replace(SPECIFICATION, parameters={"b": "2", "a": "1"}))
    assert read == replace(ORDER, lines=(expected,))


def test_product_may_stand_in_the_specification_only() -> None:
    info = order_info(ORDER, [replace(LINE, products=())])
    assert read_order(info).line(None).specification.product_id == "P"


@pytest.mark.parametrize("order_id", MOCK_ORDERS)
def test_debugging_orders(api: OrderQueryApi, clock: FakeClock, order_id: str) -> None:
    response = api.answer(request(clock.now(), f"orderId={order_id}&orderLineId={order_id}-000001"))
    order = read_order(members(response)["orderInfo"])
    assert order.created_at == clock.now()
    line = order.line(f"{order_id}-000001")
    assert line.specification.charging is not None
    assert (line.expires_at is None) == (line.specification.period_type is None)
    assert line.expires_at is None or line.expires_at > clock.now()


def test_kinds_of_debugging_orders(api: OrderQueryApi, clock: FakeClock) -> None:
    def of(order_id: str) -> tuple[OrderType | None, Charging | None]:
        order = read_order(members(api.answer(request(clock.now(), f"orderId={order_id}")))["orderInfo"])
        return order.order_type, order.line(None).specification.charging

    assert {order_id: of(order_id) for order_id in MOCK_ORDERS} == {
        "MOCKPERIODYEARNEW": (OrderType.NEW, Charging.PERIOD),
        "MOCKONETIMENEW": (OrderType.NEW, Charging.ONE_TIME),
        "MOCKONDEMAND": (OrderType.NEW, Charging.ON_DEMAND),
        "MOCKONDEMANDPKG": (OrderType.NEW, Charging.ON_DEMAND_PACKAGE),
        "MOCKPERIODDAYTRIAL": (OrderType.TRIAL, Charging.PERIOD),
        "MOCKMONTYTRIALTOFORMAL": (OrderType.TRIAL_TO_FORMAL, Charging.PERIOD),
        "MOCKMONTYUNSUBSCRIBE": (OrderType.UNSUBSCRIBE, Charging.PERIOD),
        "MOCKMONTYRENEW": (OrderType.RENEW, Charging.PERIOD),
        "MOCKMONTYCHANGE": (OrderType.CHANGE, Charging.PERIOD),
    }


def test_faults_come_in_turn_and_pass(api: OrderQueryApi, clock: FakeClock) -> None:
    api.faults.inject(Fault(500, "MKT.0999"), times=2)
    api.faults.inject(Fault(406, "MKT.0250"))
    api.faults.inject(Fault(drop=True))
    api.faults.inject(Fault(delay=3))
    calls = [api.answer(request(clock.now())) for _ in range(3)]
    assert [(call.status, members(call)["resultCode"]) for call in calls] == [
        (500, "MKT.0999"),
        (500, "MKT.0999"),
        (406, "MKT.0250"),
    ]
    with pytest.raises(Dropped):
        api.answer(request(clock.now()))
    assert api.answer(request(clock.now())).status == 200
    assert clock.slept == [3]
    assert api.answer(request(clock.now())).status == 200
