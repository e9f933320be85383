"""A seller's server with a memory of its own, which can be told to fail, and marketplaces before it that can be closed
and opened again.
"""

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import RemoteDisconnected
from pathlib import Path
from threading import Lock
from typing import Any

from emulator.keys import Keys
from emulator.marketplace.delivery.mails import Mail
from emulator.marketplace.delivery.messages import Message, Purpose
from emulator.marketplace.delivery.sender import Target
from emulator.marketplace.market import Market, MarketConfig
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.orders import PlacedOrder
from emulator.marketplace.subscriptions.subscription import Subscription
from emulator.wire.api_answers import Dropped
from emulator.wire.client import Answer, NoAnswer, Reply
from emulator.wire.failures import why
from emulator.wire.server import running
from shared.http import HttpRequest, HttpResponse
from shared.protocol.answer import signed
from tests.emulator.marketplace.still_clock import StillClock

KEYS = Keys("key-1", "key-2", "key-3", "key-4")
START = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""A Monday, noon in Beijing."""
DEAD, LOST = "dead", "lost"
"""Instead of a result code: nothing arrives, or it is done and the answer is lost."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Seller:
    """Opens one instance per order and follows what it is told. ``scripts``: answers to come, by activity, before it
    goes on as usual; ``broken``: answers nothing but that code; ``mistaken``: the instance it talks
    of, whatever is meant; ``weather``: what it answers to an activity now, empty for the usual.
    """

    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    instances: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    ends: dict[str, str] = field(default_factory=dict)
    scripts: dict[str, deque[str]] = field(default_factory=dict)
    broken: str = ""
    mistaken: str = ""
    weather: Callable[[str], str] = lambda _activity: ""
    lock: Any = field(default_factory=Lock)

    def transport(self, _base: str, request: HttpRequest, _timeout: float) -> Reply:
        """Calls arrive without a wire."""
        try:
            answer = self.handle(request)
        except Dropped:
            return NoAnswer(why(RemoteDisconnected("")))
        return Answer(answer.status, tuple(answer.headers.items()), answer.body)

    def script(self, activity: str, *answers: str) -> None:
        """What to answer to the next calls of an activity."""
        self.scripts[activity] = deque(answers)

    def told(self, activity: str) -> list[Mapping[str, Any]]:
        """The members of each call of an activity."""
        return [fields for name, fields in self.calls if name == activity]

    def handle(self, request: HttpRequest) -> HttpResponse:
        """One call."""
        fields = dict(request.query) if request.method == "GET" else dict(json.loads(request.body))
        activity = fields["activity"]
        notice = activity == "orderNotify"
        key = KEYS.key if request.method == "GET" else KEYS.notify_key if notice else KEYS.access_key
        with self.lock:
            self.calls.append((activity, fields))
            waiting = self.scripts.get(activity)
            told = self.broken or self.weather(activity) or (waiting.popleft() if waiting else "000000")
            if told == DEAD:
                raise Dropped
            members = {} if fields.get("testFlag") == "1" and activity != "newInstance" else self._does(fields, told)
            if told == LOST:
                raise Dropped
            if activity == "queryInstance" and told == "000000":
                members = {"info": [{"instanceId": self.mistaken or fields["instanceId"], "appInfo": _WAY_IN}]}
            return signed({"resultCode": told, "resultMsg": "as told", **members}, key)

    def _does(self, fields: Mapping[str, Any], told: str) -> dict[str, Any]:
        if told not in ("000000", "000004", LOST):
            return {}
        activity = fields["activity"]
        if activity == "newInstance":
            instance = self.instances.setdefault(fields["orderId"], fields["businessId"])
            self.states.setdefault(instance, "ACTIVE")
            return {"instanceId": self.mistaken or instance, "appInfo": _WAY_IN}
        if told != "000004":
            self._changes(activity, fields)
        return {}

    def _changes(self, activity: str, fields: Mapping[str, Any]) -> None:
        instance = fields.get("instanceId", "")
        frozen = {"FREEZE": "FROZEN", "NORMAL": "ACTIVE", "UNFREEZE": "ACTIVE"}
        if self.states.get(instance) == "RELEASED":
            return
        if activity == "refreshInstance":
            self.ends[instance] = fields["expireTime"]
        state = {
            "refreshInstance": "ACTIVE",
            "expireInstance": "FROZEN",
            "releaseInstance": "RELEASED",
            "instanceStatus": frozen.get(fields.get("instanceStatus", "")),
            "updateInstanceStatus": frozen.get(fields.get("status", "")),
        }.get(activity)
        if state:
            self.states[instance] = state


_WAY_IN = {"frontEndUrl": "https://app.example.com/in"}


@dataclass
class Scene:
    """A marketplace in a file, whose clock stands still but when it is moved, before a seller."""

    url: str
    seller: Seller
    file: Path | None = None
    seed: int = 1
    clock: StillClock = field(default_factory=lambda: StillClock(START))
    market: Market = field(init=False)

    def __post_init__(self) -> None:
        self.market = self.opened()

    def opened(self) -> Market:
        """Another marketplace on the same file, e.g. after the first has died."""
        plans = MarketConfig(
            keys=KEYS,
            target=Target(self.url),
            clock=self.clock,
            signing_clock=self.clock,
            file=self.file,
            seed=self.seed,
        )
        market = Market(plans)
        market.sender.transport = self.seller.transport
        return market

    def reopen(self) -> None:
        """The process ends and starts again."""
        self.market.close()
        self.market = self.opened()

    @property
    def customer(self) -> str:
        """The first buyer's id."""
        return self.market.database.all(Customer)[0].id

    def buy(self, product: str, **more: Any) -> str:
        """A purchase on its way; the subscription's id."""
        return self.market.shop.buy(self.customer, product, **more).id

    def bought(self, product: str, **more: Any) -> str:
        """A purchase that has arrived."""
        subscription = self.buy(product, **more)
        self.market.run_due()
        return subscription

    def at(self, subscription_id: str) -> Subscription:
        """The subscription now."""
        return self.market.database.the(Subscription, subscription_id)

    def state(self, subscription_id: str) -> str:
        """What the seller has of it."""
        return self.seller.states.get(self.at(subscription_id).instance_id, "")

    def message(self, subscription_id: str, purpose: Purpose) -> Message:
        """The latest message of that purpose."""
        found = [each for each in self.market.database.all(Message, subscription_id) if each.purpose is purpose]
        return found[-1]

    def orders(self, subscription_id: str) -> list[tuple[str, str]]:
        """Kind and state of each of its orders."""
        return [
            (order.kind.value, order.state.value) for order in self.market.database.all(PlacedOrder, subscription_id)
        ]

    def mails(self, to: str) -> list[str]:
        """Subjects of the mails somebody got."""
        return [str(mail.subject) for mail in self.market.database.all(Mail) if mail.to == to]


@contextmanager
def selling() -> Iterator[tuple[Seller, str]]:
    """The seller's server, and its address."""
    seller = Seller()
    with running(seller.handle, threads=4) as url:
        yield seller, url
