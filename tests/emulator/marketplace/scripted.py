"""A seller's server that does as it is told, and remembers every call; and a marketplace before it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from emulator.clock import MovableClock
from emulator.keys import Keys
from emulator.marketplace.delivery.sender import Target
from emulator.marketplace.market import Market, MarketConfig
from emulator.marketplace.storage.call_lines import TimelineLine
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.wire.server import running
from shared.clock import Clock
from shared.errors import AuthenticationError
from shared.http import HttpRequest, HttpResponse
from shared.protocol.answer import signed
from shared.protocol.signing import verify_body, verify_query

KEYS = Keys("key-1", "key-2", "key-3", "key-4")
NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


@dataclass
class Scripted:
    """Opens an instance per order. ``verifies``: refuses what is not signed rightly, or has a nonce a second time.
    ``codes``: answers to give before success, whatever is asked.
    """

    clock: Clock
    verifies: bool = True
    codes: list[str] = field(default_factory=list)
    calls: list[HttpRequest] = field(default_factory=list)
    instances: dict[str, str] = field(default_factory=dict)
    nonces: dict[str, str] = field(default_factory=dict)
    lock: Any = field(default_factory=Lock)

    def handle(self, request: HttpRequest) -> HttpResponse:
        """One call."""
        with self.lock:
            self.calls.append(request)
            key, genuine = self._genuine(request)
            if not genuine:
                return signed({"resultCode": "000001", "resultMsg": "refused"}, key)
            code = self.codes.pop(0) if self.codes else "000000"
            members = {"resultCode": code, "resultMsg": "as told"}
            return signed(members if code != "000000" else members | self._told(_fields(request)), key)

    def _told(self, fields: dict[str, Any]) -> dict[str, Any]:
        access = {"frontEndUrl": "https://app.example.com"}
        if fields["activity"] == "queryInstance":
            return {"info": [{"instanceId": fields["instanceId"], "appInfo": access}]}
        if fields["activity"] != "newInstance":
            return {}
        return {"instanceId": self.instances.setdefault(fields["orderId"], fields["businessId"]), "appInfo": access}

    def _genuine(self, request: HttpRequest) -> tuple[str, bool]:
        notice = b"orderNotify" in request.body
        key = KEYS.key if request.method == "GET" else KEYS.notify_key if notice else KEYS.access_key
        if not self.verifies:
            return key, True
        try:
            if request.method == "GET":
                verify_query([key], request.query)
                return key, True
            signature, nonce = request.first("signature") or "", request.first("nonce") or ""
            stamp = request.first("timestamp") or ""
            now = self.clock.now()
            verify_body([key], signature=signature, timestamp=stamp, nonce=nonce, body=request.body, now=now)
        except AuthenticationError:
            return key, False
        return key, self.nonces.setdefault(nonce, signature) == signature


def _fields(request: HttpRequest) -> dict[str, Any]:
    return dict(request.query) if request.method == "GET" else dict(json.loads(request.body))


@dataclass
class ScriptedMarket:
    """A marketplace and its seller."""

    market: Market
    seller: Scripted

    def bought(self, product: str = "yearly-v2") -> str:
        """A purchase on its way; the subscription's id."""
        return self.market.shop.buy(self.market.database.all(Customer)[0].id, product).id

    def told(self, activity: str = "newInstance") -> list[HttpRequest]:
        """The calls of an activity that reached the seller."""
        return [call for call in self.seller.calls if activity in str(call.query) or activity.encode() in call.body]

    def lines(self, activity: str = "newInstance") -> list[TimelineLine]:
        """What the timeline says of an activity, oldest first."""
        lines = reversed(self.market.timeline.lines(limit=1000))
        return [line for line in lines if line.activity == activity]


@contextmanager
def scripted_market(**seller: Any) -> Iterator[ScriptedMarket]:
    """Both on a clock that stands at ``NOW`` and can be moved."""
    clock = MovableClock()
    clock.set(NOW)
    scripted = Scripted(clock, **seller)
    with running(scripted.handle, threads=4) as url:
        market = Market(MarketConfig(keys=KEYS, target=Target(url), clock=clock, signing_clock=clock))
        try:
            yield ScriptedMarket(market, scripted)
        finally:
            market.close()
