"""The order query's client: against the emulator's server side, and against answers that one never gives."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from emulator.openapi.order_query import OrderQueryApi, Orders
from emulator.wire.api_answers import Dropped
from emulator.wire.faults import Fault
from emulator.wire.server import running
from shared.clock import Deadline, SystemClock
from shared.errors import ConfigurationError, KooGalleryError, ResultCode, Unavailable
from shared.http import HttpRequest, HttpResponse
from shared.openapi.order import Order, OrderLine, OrderNotFound
from shared.openapi.order_query import QUIET, OrderQuery
from shared.outbound import ConnectionLost
from shared.provisioning import Buyer, Charging, OrderType, Specification
from tests.clients import UNREADABLE, HandlerClient
from tests.fakes import FakeClock

AK, SK = "AK-OF-THE-SELLER", "sk-of-the-seller"
HOSTS = ("https://main.example", "https://fallback.example")
ORDER = Order(
    "CS2211181819B4LVS",
    OrderType.NEW,
    datetime(2022, 11, 18, 10, 19, tzinfo=UTC),
    (
        OrderLine("CS2211181819B4LVS-000001", Specification("P1", charging=Charging.PERIOD)),
        OrderLine("CS2211181819B4LVS-000002", Specification("P2", charging=Charging.PERIOD)),
    ),
    Buyer("customer-1"),
)


class Api:
    """An order query whose calls end in ``server``, or in ``scripted`` answers as long as there are any."""

    def __init__(self, hosts: tuple[str, ...] = HOSTS) -> None:
        self.clock = FakeClock()
        orders = Orders(self.clock)
        orders.add(ORDER)
        self.server = OrderQueryApi(AK, SK, self.clock, orders)
        self.scripted: list[HttpResponse | Exception] = []
        self.client = HandlerClient(self._answer)
        self.query = OrderQuery(hosts, ak=AK, sk=SK, clock=self.clock, client=self.client, chance=lambda: 1.0)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if self.scripted:
            step = self.scripted.pop(0)
            if isinstance(step, Exception):
                raise step
            return step
        try:
            return self.server.answer(request)
        except Dropped:
            raise ConnectionLost("the connection broke") from None

    def find(self, order_id: str = ORDER.order_id, line_id: str | None = None, seconds: float = 10) -> Order:
        return self.query.find(order_id, line_id, Deadline(self.clock, seconds))

    @property
    def calls(self) -> int:
        return len(self.client.requests)


@pytest.fixture
def api() -> Api:
    return Api()


def says(status: int, **members: Any) -> HttpResponse:
    return HttpResponse(status, {}, json.dumps(members).encode())


def test_order(api: Api) -> None:
    order = api.find(line_id="CS2211181819B4LVS-000002")
    assert order.order_type is OrderType.NEW
    assert order.buyer.customer_id == "customer-1"
    assert order.line("CS2211181819B4LVS-000002").specification.product_id == "P2"
    request = api.client.requests[0]
    assert (request.method, request.path) == ("GET", "/api/mkp-openapi-public/global/v1/order/query")
    assert dict(request.query) == {"orderId": ORDER.order_id, "orderLineId": "CS2211181819B4LVS-000002"}


def test_line_is_left_out_if_not_known(api: Api) -> None:
    assert len(api.find().lines) == 2
    assert api.client.requests[0].query == (("orderId", ORDER.order_id),)


@pytest.mark.parametrize(("order_id", "line_id"), [("CS-unknown", None), (ORDER.order_id, "CS2211181819B4LVS-000009")])
def test_order_that_is_not_there(api: Api, order_id: str, line_id: str | None) -> None:
    with pytest.raises(OrderNotFound) as caught:
        api.find(order_id, line_id)
    assert caught.value.code is ResultCode.INVALID_PARAMETER
    assert order_id not in str(caught.value)
    assert api.calls == 1


def test_line_that_is_not_in_the_answer(api: Api) -> None:
    # The service may ignore the line it was asked for.
    info = {"orderId": "1", "orderLine": [{"orderLineId": "1-000001"}]}
    api.scripted = [says(200, resultCode="MKT.0000", orderInfo=info)]
    with pytest.raises(OrderNotFound):
        api.find("1", "1-000002")


def test_order_id_is_escaped(api: Api) -> None:
    with pytest.raises(OrderNotFound):
        api.find("a&orderLineId=b c+d/e%")
    assert api.client.requests[0].query == (("orderId", "a&orderLineId=b c+d/e%"),)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(500, "MKT.0999"),
        Fault(500, "CBC.0999"),
        Fault(500, "94060001"),
        Fault(502, "APIGW.0201"),
        Fault(503, "who knows"),
        Fault(200, "MKT.0999"),
        Fault(drop=True),
    ],
)
def test_fault_of_the_moment(api: Api, fault: Fault) -> None:
    api.server.faults.inject(fault)
    assert api.find().order_id == ORDER.order_id
    assert api.client.hosts == ["main.example", "fallback.example"]
    assert api.clock.slept == []


def test_hosts_are_asked_again_after_pauses_that_grow(api: Api) -> None:
    api.server.faults.inject(Fault(500, "MKT.0999"), times=6)
    assert api.find().order_id == ORDER.order_id
    assert api.client.hosts == ["main.example", "fallback.example"] * 3 + ["main.example"]
    assert api.clock.slept == [0.25, 0.5, 1.0]


def test_pauses_are_spread(api: Api) -> None:
    api.query = OrderQuery(HOSTS, ak=AK, sk=SK, clock=api.clock, client=api.client, chance=lambda: 0.0)
    api.server.faults.inject(Fault(500, "MKT.0999"), times=4)
    api.find()
    assert api.clock.slept == [0.125, 0.25]


def test_patience_ends_with_the_deadline(api: Api) -> None:
    api.server.faults.inject(Fault(500, "MKT.0999"), times=100)
    with pytest.raises(Unavailable, match=r"MKT\.0999"):
        api.find(seconds=1)
    assert sum(api.clock.slept) < 1


def test_patience_ends_without_a_near_deadline_too(api: Api) -> None:
    api.server.faults.inject(Fault(500, "MKT.0999"), times=100)
    with pytest.raises(Unavailable):
        api.find(seconds=3600)
    assert api.calls == 10


@pytest.mark.parametrize(("status", "code"), [(406, "MKT.0250"), (406, "CBC.0250"), (429, "APIGW.0308"), (429, "?")])
def test_throttled_call_is_not_repeated_at_once(api: Api, status: int, code: str) -> None:
    api.server.faults.inject(Fault(status, code))
    assert api.find().order_id == ORDER.order_id
    assert api.client.hosts == ["main.example", "main.example"]
    assert api.clock.slept == [0.25]


def test_slow_host_leaves_the_other_its_share_of_the_time(api: Api) -> None:
    api.find(seconds=8)
    api.server.faults.inject(Fault(500, "MKT.0999"))
    api.find(seconds=8)
    assert api.client.left == [4.0, 4.0, 8.0]


def test_every_attempt_is_signed_anew(api: Api) -> None:
    api.server.faults.inject(Fault(500, "MKT.0999", delay=2), times=3)
    api.find(seconds=30)
    signatures = {request.headers["authorization"] for request in api.client.requests}
    assert len(signatures) == api.calls == 4


def refused_key(times: int = 1) -> list[HttpResponse | Exception]:
    return [says(401, error_code="APIGW.0301", error_msg="Incorrect IAM authentication information")] * times


@pytest.mark.parametrize(
    "answer",
    [
        says(401, error_code="APIGW.0301"),
        says(401, error_code="APIGW.0303"),
        says(403, error_code="APIGW.0302"),
        says(401, resultCode="MKT.0154"),
        says(401, resultCode="CBC.0151"),
        says(200, resultCode="94060002"),
    ],
)
def test_refused_access_key_stops_everything(api: Api, answer: HttpResponse) -> None:
    api.scripted = [answer]
    with pytest.raises(ConfigurationError, match="KOOGALLERY_AK"):
        api.find()
    assert api.calls == 1
    with pytest.raises(ConfigurationError, match="a short while ago"):
        api.find()
    assert api.calls == 1


@pytest.mark.parametrize("answer", [says(403), HttpResponse(401, {}, b"<html>")])
def test_a_proxy_that_lets_nobody_in_is_left_to_the_other_host(api: Api, answer: HttpResponse) -> None:
    api.scripted = [answer]
    assert api.find().order_id == ORDER.order_id

    api.scripted = [answer, answer]
    with pytest.raises(ConfigurationError, match="KOOGALLERY_AK"):
        api.find()
    with pytest.raises(ConfigurationError, match="a short while ago"):
        api.find()
    assert api.calls == 4


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_an_answer_that_cannot_be_read_is_left_to_the_other_host(api: Api, body: bytes) -> None:
    for status in (200, 500):
        api.scripted = [HttpResponse(status, {}, body)]
        assert api.find().order_id == ORDER.order_id
    assert api.client.hosts == ["main.example", "fallback.example"] * 2


def test_refused_access_key_is_tried_again_after_a_while(api: Api) -> None:
    api.scripted = refused_key()
    with pytest.raises(ConfigurationError):
        api.find()
    api.clock.advance(QUIET)
    assert api.find().order_id == ORDER.order_id


def test_wrong_secret_key_never_gets_the_access_key_locked(api: Api) -> None:
    wrong = OrderQuery(HOSTS, ak=AK, sk="another", clock=api.clock, client=api.client)
    for _ in range(20):
        with pytest.raises(ConfigurationError):
            wrong.find(ORDER.order_id, None, Deadline(api.clock, 10))
    assert api.calls == 1
    assert api.find().order_id == ORDER.order_id


def test_order_of_another_seller_is_not_taken_for_a_wrong_key(api: Api) -> None:
    api.scripted = [says(401, resultCode="MKT.0150", resultMsg="Illegal operation")]
    with pytest.raises(OrderNotFound):
        api.find("CS-of-another")
    assert api.find().order_id == ORDER.order_id


@pytest.mark.parametrize("code", ["MKT.0100", "CBC.0100", "MKT.9001", "MKT.0101", "94060004"])
def test_unknown_order_is_not_asked_for_again_whatever_the_status(api: Api, code: str) -> None:
    api.scripted = [says(500, resultCode=code)]
    with pytest.raises(OrderNotFound):
        api.find()
    assert api.calls == 1


@pytest.mark.parametrize(
    "answer",
    [
        says(404, error_code="APIGW.0101"),
        says(200, resultCode="MKT.4711"),
        says(200, resultCode="MKT.9003"),
        says(418, resultCode=None),
        says(302),
        HttpResponse(200, {}, b"not json"),
        HttpResponse(200, {}, b"[]"),
        HttpResponse(200, {}, b"[" * 100_000),
    ],
)
def test_refusal_for_good_is_left_to_the_other_host(api: Api, answer: HttpResponse) -> None:
    api.scripted = [answer]
    assert api.find().order_id == ORDER.order_id
    api.scripted = [answer, answer]
    with pytest.raises(Unavailable):
        api.find()
    assert api.calls == 4
    assert api.clock.slept == []


def test_one_host_without_the_interface_does_not_end_the_patience_with_the_other(api: Api) -> None:
    gone = says(404, error_code="APIGW.0101")
    api.scripted = [says(500, resultCode="MKT.0999"), gone]
    assert api.find().order_id == ORDER.order_id
    assert api.clock.slept == [0.25]


@pytest.mark.parametrize(
    "answer",
    [
        says(200, resultCode="MKT.0000", resultMsg="Success"),
        says(200, resultCode="MKT.0000", orderInfo=None),
        says(200, resultCode="CBC.0000", orderInfo={}),
        says(200, resultCode="MKT.0000", orderInfo={"orderId": "CS-another", "orderLine": []}),
    ],
)
def test_answer_without_the_order(api: Api, answer: HttpResponse) -> None:
    api.scripted = [answer, answer]
    assert api.find().order_id == ORDER.order_id
    assert api.clock.slept == [0.25]
    api.scripted = [answer] * 100
    with pytest.raises(Unavailable, match="does not hold the order"):
        api.find()


def test_errors_show_no_value_of_the_answer(api: Api) -> None:
    api.scripted = [says(418, resultCode="personal", resultMsg="personal", orderInfo={"personal": "personal"})] * 2
    with pytest.raises(Unavailable) as caught:
        api.find("CS-personal")
    assert "personal" not in str(caught.value)
    assert "HTTP 418" in str(caught.value)


@pytest.mark.parametrize("code", ["MKT.0000", "CBC.0000", "0000"])
@pytest.mark.parametrize("status", [200, 400, 500, 503])
def test_success_is_told_by_its_code(api: Api, code: str, status: int) -> None:
    api.scripted = [says(status, resultCode=code, orderInfo={"orderId": "1"})]
    assert api.find("1").lines == ()


def test_hosts_must_be_set() -> None:
    with pytest.raises(ConfigurationError, match="KOOGALLERY_API_URLS"):
        OrderQuery((), ak=AK, sk=SK, clock=FakeClock())


@pytest.fixture
def served() -> Iterator[Callable[..., Order]]:
    """A client and a server with sockets between them."""
    clock = SystemClock()
    orders = Orders(clock)
    orders.add(ORDER)
    with running(OrderQueryApi(AK, SK, clock, orders).answer) as url:
        query = OrderQuery([url], ak=AK, sk=SK, clock=clock)
        yield lambda order_id, line_id=None: query.find(order_id, line_id, Deadline(clock, 20))


def test_signature_fits_what_is_sent(served: Callable[..., Order]) -> None:
    assert served(ORDER.order_id, "CS2211181819B4LVS-000001").lines[0].specification.product_id == "P1"
    for odd in ("a b", "a+b", "a%2Fb", "a/b", "一", "a&b=c", "~'()*!"):
        with pytest.raises(OrderNotFound):
            served(odd)


def test_wrong_host_is_an_error_of_its_own() -> None:
    clock = SystemClock()
    query = OrderQuery(["http://mkt.example.com"], ak=AK, sk=SK, clock=clock)
    with pytest.raises(KooGalleryError, match="must be https"):
        query.find("1", None, Deadline(clock, 1))


def test_clock_that_is_wrong(api: Api) -> None:
    behind = FakeClock(api.clock.now() - timedelta(minutes=16))
    query = OrderQuery(HOSTS, ak=AK, sk=SK, clock=behind, client=api.client)
    with pytest.raises(ConfigurationError, match="the clock"):
        query.find(ORDER.order_id, None, Deadline(behind, 10))
