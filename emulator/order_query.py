"""The marketplace's order query as its callers meet it, signature check and faults included.

Answers have the shape of the documented sample (metering and open APIs, section 4), refusals that of the gateway
(section 6.6).
"""

import hmac
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import quote, urlencode

from emulator.api_answers import Dropped, json_answer, unknown_api, unsigned
from emulator.lockout import Lockout
from emulator.mock_orders import mock_order
from shared.clock import Clock
from shared.http import HttpRequest, HttpResponse
from shared.openapi.order import Order, OrderLine, Product
from shared.openapi.order_query import PATH
from shared.openapi.signer import ALGORITHM, DATE_FORMAT, sign
from shared.provisioning import Buyer

SKEW = timedelta(minutes=15)
"""How far a call's ``X-Sdk-Date`` may be from the gateway's own time."""

_AUTHORIZATION = re.compile(rf"{ALGORITHM} Access=(\S+), SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{{64}})")


@dataclass(frozen=True, slots=True)
class Fault:
    """What one call meets: ``delay`` seconds, then no answer (``drop``), or ``status`` with ``code``, or the usual."""

    status: int | None = None
    code: str = "MKT.0999"
    delay: float = 0.0
    drop: bool = False


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

    def __init__(self, ak: str, sk: str, clock: Clock, orders: Orders) -> None:
        self._ak = ak
        self._sk = sk
        self._clock = clock
        self._orders = orders
        self._faults: deque[Fault] = deque()
        self._lockout = Lockout(clock)
        self._lock = Lock()

    def inject(self, fault: Fault, times: int = 1) -> None:
        """Let the next ``times`` calls meet ``fault``, after those injected before."""
        self._faults.extend([fault] * times)

    def answer(self, request: HttpRequest) -> HttpResponse:
        """What the gateway and the service behind it answer.

        :raises Dropped: the caller gets no answer at all.
        """
        fault = self._next_fault()
        if fault.delay:
            self._clock.sleep(fault.delay)
        if fault.drop:
            raise Dropped
        if fault.status is not None:
            return json_answer(fault.status, {"resultCode": fault.code, "resultMsg": "injected fault"})
        if (request.method, request.path) != ("GET", PATH):
            return unknown_api()
        if not self._is_signed(request):
            return unsigned()
        return self._found(request)

    def _next_fault(self) -> Fault:
        with self._lock:
            return self._faults.popleft() if self._faults else Fault()

    def _is_signed(self, request: HttpRequest) -> bool:
        return self._lockout.admits(lambda: is_signed(request, self._ak, self._sk, self._clock.now()))

    def _found(self, request: HttpRequest) -> HttpResponse:
        order_id, line_id = request.first("orderId"), request.first("orderLineId")
        if not order_id:
            return json_answer(400, {"resultCode": "MKT.0101", "resultMsg": "Invalid parameter"})
        order = self._orders.get(order_id)
        lines = [line for line in order.lines if line_id in (None, line.line_id)] if order else []
        if order is None or not lines:
            return json_answer(500, {"resultCode": "MKT.0100", "resultMsg": "Failure of input parameter"})
        success = {"resultCode": "MKT.0000", "resultMsg": "Success"}
        return json_answer(200, success | {"orderInfo": order_info(order, lines)})


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


def order_info(order: Order, lines: list[OrderLine]) -> dict[str, Any]:
    """``orderInfo`` as the documented sample spells it."""
    return {
        "orderId": order.order_id,
        "orderType": order.order_type,
        "createTime": _moment(order.created_at),
        "orderLine": [_line(line) for line in lines],
        "buyerInfo": _buyer(order.buyer),
        "extendParams": _pairs(order.parameters),
    }


def _line(line: OrderLine) -> dict[str, Any]:
    bought = line.specification
    amount = None if line.amount is None else str(line.amount)
    return {
        "orderLineId": line.line_id,
        "chargingMode": bought.charging,
        "periodType": bought.period_type,
        "periodNumber": bought.period_number,
        "expireTime": _moment(line.expires_at),
        "productInfo": [
            {
                "productId": product.product_id,
                "skuCode": product.sku_code,
                "linearValue": product.quantity,
                "productName": product.name,
            }
            for product in line.products or [Product(bought.product_id, bought.sku_code, bought.quantity)]
        ],
        "extendParams": _pairs(bought.parameters),
        "currency": amount,
        "currencyAfterDiscount": amount,
    }


def _buyer(buyer: Buyer) -> dict[str, Any]:
    return {
        "mobilePhone": buyer.mobile_phone,
        "email": buyer.email,
        "customerId": buyer.customer_id,
        "customerName": buyer.customer_name,
        "customerRealName": buyer.customer_name,
        "customerType": 0,
        "userId": buyer.user_id,
        "userName": buyer.user_name,
    }


def _pairs(parameters: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in parameters.items()]


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")
