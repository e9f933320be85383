"""The marketplace's order query as its callers meet it, signature check and faults included.

Answers have the shape of the documented sample (metering and open APIs, section 4), refusals that of the gateway
(section 6.6).
"""

import hmac
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

from emulator.openapi.lockout import Lockout
from emulator.openapi.mock_orders import mock_order
from emulator.openapi.order_info import order_info
from emulator.wire.api_answers import json_answer, unknown_api, unsigned
from emulator.wire.faults import EMPTY, UNKNOWN, Fault, FaultQueue
from shared.clock import Clock
from shared.http import HttpRequest, HttpResponse
from shared.openapi.order import Order
from shared.openapi.order_query import PATH
from shared.openapi.signer import ALGORITHM, DATE_FORMAT, sign

SKEW = timedelta(minutes=15)
"""How far a call's ``X-Sdk-Date`` may be from the gateway's own time."""

_AUTHORIZATION = re.compile(rf"{ALGORITHM} Access=(\S+), SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{{64}})")


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
        self._lockout = Lockout(clock)
        self.faults = FaultQueue(clock)

    def answer(self, request: HttpRequest) -> HttpResponse:
        """What the gateway and the service behind it answer.

        :raises Dropped: the caller gets no answer at all.
        """
        return self.faults.meet(request.path, _refusal, lambda fault: self._answer(request, fault))

    def _answer(self, request: HttpRequest, fault: Fault) -> HttpResponse:
        if (request.method, request.path) != ("GET", PATH):
            return unknown_api()
        if not self._lockout.admits(lambda: is_signed(request, self._ak, self._sk, self._clock.now())):
            return unsigned()
        return self._found(request, fault)

    def _found(self, request: HttpRequest, fault: Fault) -> HttpResponse:
        order_id, line_id = request.first("orderId"), request.first("orderLineId")
        if not order_id:
            return _refusal(400, "MKT.0101", "Invalid parameter")
        order = None if fault.part == UNKNOWN else self._orders.get(order_id)
        lines = [line for line in order.lines if line_id in (None, line.line_id)] if order else []
        if order is None or not lines:
            return _refusal(500, "MKT.0100", "Failure of input parameter")
        success = {"resultCode": "MKT.0000", "resultMsg": "Success"}
        return json_answer(200, success if fault.part == EMPTY else success | {"orderInfo": order_info(order, lines)})


def _refusal(status: int | None, code: str, text: str) -> HttpResponse:
    return json_answer(status or 500, {"resultCode": code, "resultMsg": text})


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
