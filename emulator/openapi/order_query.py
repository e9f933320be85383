"""The marketplace's order query as its callers meet it, signature check and faults included.

Answers have the shape of the documented sample (metering and open APIs, section 4), refusals that of the gateway
(section 6.6).
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Protocol
from urllib.parse import quote, urlencode

from emulator.openapi.lockout import Lockout
from emulator.openapi.mock_orders import mock_order
from emulator.openapi.order_info import order_info
from emulator.wire.api_answers import Dropped, gateway_refusal, json_answer, page_answer, unknown_api, unsigned
from emulator.wire.fault_queue import FaultQueue
from shared.clock import Clock
from shared.http import HttpRequest, HttpResponse
from shared.openapi.order import Order
from shared.openapi.order_query import PATH
from shared.openapi.signer import ALGORITHM, DATE_FORMAT, sign

SKEW = timedelta(minutes=15)
"""How far a call's ``X-Sdk-Date`` may be from the gateway's own time."""

_AUTHORIZATION = re.compile(rf"{ALGORITHM} Access=(\S+), SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{{64}})")


SLOW = 1.5
TOO_SLOW = 15.0
"""Seconds that no caller waits for while an order is to be answered."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What one call meets: ``delay`` seconds, then no answer (``drop``), or ``status`` with ``code``, or the usual.

    A ``status`` without ``code`` is a page of something in between. ``empty``: success without the order. ``unknown``:
    the order has not come to this part of the marketplace yet.
    """

    status: int | None = None
    code: str = "MKT.0999"
    delay: float = 0.0
    drop: bool = False
    empty: bool = False
    unknown: bool = False
    title: str = field(default="", compare=False)

    def answer(self) -> HttpResponse | None:
        """The refusal, if it is one."""
        if self.status is None:
            return None
        if self.code.startswith("APIGW."):
            return gateway_refusal(self.status, self.code, "injected fault")
        if not self.code:
            return page_answer(self.status, "injected fault")
        return json_answer(self.status, {"resultCode": self.code, "resultMsg": "injected fault"})


ORDER_FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "orders-internal-error": Fault(500, title="internal error of the marketplace (500)"),
        "orders-throttled": Fault(406, "MKT.0250", title="throttled by the marketplace (406)"),
        "orders-gateway-throttled": Fault(429, "APIGW.0308", title="throttled by the gateway (429)"),
        "orders-bad-gateway": Fault(502, "", title="bad gateway, a page instead of JSON (502)"),
        "orders-unavailable": Fault(503, "", title="service unavailable, a page instead of JSON (503)"),
        "orders-gateway-timeout": Fault(504, "APIGW.0201", title="the gateway gives up waiting (504)"),
        "orders-dropped": Fault(drop=True, title="the connection breaks"),
        "orders-slow": Fault(delay=SLOW, title="the answer comes late"),
        "orders-too-slow": Fault(delay=TOO_SLOW, drop=True, title="no answer in time"),
        "orders-empty": Fault(empty=True, title="success without the order"),
        "orders-unknown": Fault(unknown=True, title="order unknown, as before it is replicated (500)"),
    }
)
"""The faults that can be switched on, by id."""


class KnownOrders(Protocol):
    """Who has the orders."""

    def get(self, order_id: str) -> Order | None:
        """The order, or ``None``."""


class Orders:
    """The orders the marketplace knows, besides the debugging ones. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._orders: dict[str, Order] = {}

    def add(self, order: Order) -> None:
        """Register ``order``, over an earlier one of the same id."""
        self._orders[order.order_id] = order

    def get(self, order_id: str) -> Order | None:
        """The order, or ``None``."""
        return self._orders.get(order_id) or mock_order(order_id, self._clock.now())


class OrderQueryApi:
    """Answers order queries of the one seller who has ``ak`` and ``sk``. Thread-safe."""

    def __init__(self, ak: str, sk: str, clock: Clock, orders: KnownOrders) -> None:
        self._ak = ak
        self._sk = sk
        self._clock = clock
        self._orders = orders
        self._lockout = Lockout(clock)
        self.faults: FaultQueue[Fault] = FaultQueue(Fault())

    def inject(self, fault: Fault, times: int = 1) -> None:
        """Let the next ``times`` calls meet ``fault``, after those injected before."""
        self.faults.inject(fault, times)

    def answer(self, request: HttpRequest) -> HttpResponse:
        """What the gateway and the service behind it answer.

        :raises Dropped: the caller gets no answer at all.
        """
        fault = self.faults.next()
        if fault.delay:
            self._clock.sleep(fault.delay)
        if fault.drop:
            raise Dropped
        return fault.answer() or self._answer(request, fault)

    def _answer(self, request: HttpRequest, fault: Fault) -> HttpResponse:
        if (request.method, request.path) != ("GET", PATH):
            return unknown_api()
        if not self._is_signed(request):
            return unsigned()
        return self._found(request, fault)

    def _is_signed(self, request: HttpRequest) -> bool:
        return self._lockout.admits(lambda: is_signed(request, self._ak, self._sk, self._clock.now()))

    def _found(self, request: HttpRequest, fault: Fault) -> HttpResponse:
        order_id, line_id = request.first("orderId"), request.first("orderLineId")
        if not order_id:
            return json_answer(400, {"resultCode": "MKT.0101", "resultMsg": "Invalid parameter"})
        order = None if fault.unknown else self._orders.get(order_id)
        lines = [line for line in order.lines if line_id in (None, line.line_id)] if order else []
        if order is None or not lines:
            return json_answer(500, {"resultCode": "MKT.0100", "resultMsg": "Failure of input parameter"})
        success = {"resultCode": "MKT.0000", "resultMsg": "Success"}
        return json_answer(200, success if fault.empty else success | {"orderInfo": order_info(order, lines)})


def is_signed(request: HttpRequest, ak: str, sk: str, now: datetime) -> bool:
    """Does ``request`` carry a signature of ``ak`` and ``sk`` made within 15 minutes of ``now`` (section 6)?"""
    match = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    try:
        at = datetime.strptime(request.headers.get("x-sdk-date", ""), DATE_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return False
    if match is None or match[1] != ak or abs(now - at) > SKEW:
        return False
    signed = {name: request.headers.get(name, "") for name in match[2].split(";")}
    if not {"host", "x-sdk-date"} <= signed.keys():
        return False
    url = f"https://{signed['host']}{request.path}?{urlencode(request.query, quote_via=quote, safe='')}"
    expected = sign(ak=ak, sk=sk, method=request.method, url=url, headers=signed, body=request.body, at=at)
    return hmac.compare_digest(expected["Authorization"], match[0])
