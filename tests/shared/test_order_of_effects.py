"""Whatever the order of delivery, the skew of the sender's clock and the attempts that fail: an instance becomes what
the marketplace's own order makes of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.renew import renew
from functions.upgrade import upgrade
from shared.app import App
from shared.call import Call
from shared.clock import Deadline
from shared.commands import Freeze, Renew, Unfreeze, Upgrade, Version
from shared.config import Settings, of
from shared.errors import KooGalleryError
from shared.instance.freezing import freeze, unfreeze
from shared.instance.record import InstanceRecord
from shared.openapi.order import Order, OrderLine
from shared.provisioning import Buyer, FreezeReason, Instance, OrderType, RenewalScene, Specification, State
from shared.provisioning import Renewal as Told
from shared.provisioning.demo import DemoProvisioner
from shared.store.table import WHOLE, Exists, Item, Stale
from tests.examples import examples
from tests.fakes import FakeClock
from tests.market import V2, VERSIONS
from tests.marketplace_order import BEGIN, BOUGHT, PERIOD, SECONDS, Delivery, Message, Truth, deliveries, histories
from tests.world import SETTINGS

OPERATIONS: dict[type, Any] = {Renew: renew, Upgrade: upgrade, Freeze: freeze, Unfreeze: unfreeze}
MANY = settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))


class Items(dict[tuple[str, str], Item]):
    """Tables in memory; what is stored last replaces what was there."""

    def table(self, _name: str) -> "Items":
        return self

    def get(self, pk: str, sk: str = WHOLE) -> Item | None:  # type: ignore[override]
        return dict.get(self, (pk, sk))

    def create(self, item: Item, beside: Iterable[Item] = ()) -> Item:
        if (item["pk"], item["sk"]) in self:
            raise Exists(self[item["pk"], item["sk"]])
        return self.setdefault((item["pk"], item["sk"]), item | {"version": 1})

    def replace(self, item: Item, beside: Iterable[Item] = ()) -> Item:
        if self[item["pk"], item["sk"]]["version"] != item["version"]:
            raise Stale
        self[item["pk"], item["sk"]] = item | {"version": item["version"] + 1}
        return self[item["pk"], item["sk"]]

    def put_many(self, items: Iterable[Item]) -> None:
        """History and hints, which nothing here looks at."""


class Trouble(Exception):
    """The seller's backend fails."""


@dataclass
class Backend(DemoProvisioner):
    """The seller's product: one site, which does the same wish once. ``fails`` before or after it did what it was
    asked.
    """

    specification: Specification = BOUGHT
    expires_at: datetime | None = BEGIN + PERIOD
    frozen: bool = False
    keys: set[str] = field(default_factory=set)
    fails: str = ""

    def _set(self, key: str, **changes: Any) -> None:
        fails, self.fails = self.fails, ""
        if fails == "before":
            raise Trouble
        for name, value in changes.items() if key not in self.keys else ():
            setattr(self, name, value)
        self.keys.add(key)
        if fails:
            raise Trouble

    def renew(self, instance: Instance, renewal: Told, key: str) -> None:
        self._set(key, expires_at=renewal.expires_at, specification=renewal.specification)

    def change(self, instance: Instance, specification: Specification, key: str) -> None:
        self._set(key, specification=specification)

    def freeze(self, instance: Instance, reason: FreezeReason, key: str) -> None:
        self._set(key, frozen=True)

    def unfreeze(self, instance: Instance, key: str) -> None:
        self._set(key, frozen=False)


@dataclass
class Ordered:
    """The order query: when each order was placed, and what it bought."""

    messages: list[Message] = field(default_factory=list)

    def find(self, order_id: str, order_line_id: str | None, deadline: Deadline) -> Order:
        [message, *_] = [each for each in self.messages if getattr(each.command, "order_id", "") == order_id]
        scene = getattr(message.command, "scene", None)
        kind = {RenewalScene.UNSUBSCRIBE_RENEWAL_PERIOD: OrderType.UNSUBSCRIBE, None: OrderType.CHANGE}
        line = OrderLine("", message.content or Specification())
        created = message.at.replace(microsecond=0)
        return Order(order_id, kind.get(scene, OrderType.RENEW), created, (line,), Buyer("customer-1"))


class EffectsWorld:
    """A bundle with one instance ``i``, which a marketplace calls."""

    def __init__(self) -> None:
        self.clock, self.items = FakeClock(BEGIN), Items()
        self.backend, self.orders = Backend(), Ordered()
        configuration = Settings(of(SETTINGS), lambda store, name: name)
        self.app = App(
            configuration,
            clock=self.clock,
            tables=self.items,
            provisioner=self.backend,
            orders=self.orders,
        )

    def play(self, truth: Truth, told: list[Delivery], skew: timedelta) -> InstanceRecord:
        """Deliver everything; return the instance as it is then."""
        self.items.clear()
        vars(self.backend).update(vars(Backend()))
        self.orders.messages = truth.messages
        self.clock.set(truth.now)
        version = Version(truth.version)
        record = InstanceRecord("i", "CS1", None, version, State.ACTIVE, BEGIN, specification=BOUGHT, started_at=BEGIN)
        self.app.instances.create(replace(record, expires_at=BEGIN + PERIOD))
        done: set[int] = set()
        for delivery in told:
            self.clock.advance(timedelta(minutes=1))
            sent = (self.clock.now() if delivery.retry else delivery.message.at) + skew
            if id(delivery.message) not in done and self._answered(version, delivery, sent):
                done.add(id(delivery.message))
        stored = self.app.instances.get("i")
        assert stored is not None
        return stored

    def _answered(self, version: Version, delivery: Delivery, sent: datetime) -> bool:
        self.backend.fails = delivery.fails
        call = Call(version, "activity", False, sent, "key", {}, Deadline(self.clock, 4))
        try:
            OPERATIONS[type(delivery.message.command)](delivery.message.command, call, self.app)
        except (Trouble, KooGalleryError):
            return False
        finally:
            self.backend.fails = ""
        return True


WORLD = EffectsWorld()


def seen(specification: Specification) -> tuple[Any, ...]:
    return (specification.product_id, specification.sku_code, specification.quantity, specification.period_type)


def matches(truth: Truth, record: InstanceRecord) -> None:
    """The record and the seller's site are as the marketplace's file says."""
    backend = WORLD.backend
    assert record.expires_at == backend.expires_at == truth.expires_at
    assert (record.state is State.FROZEN, backend.frozen) == (bool(truth.reasons), bool(truth.reasons))
    assert seen(record.specification) == seen(backend.specification) == seen(truth.specification)
    assert record.tried == {}
    assert record.unsure == frozenset()


@pytest.mark.sweep
@pytest.mark.parametrize("version", VERSIONS)
@MANY
@given(data=st.data(), skew=st.integers(-30_000, 30_000))
def test_the_marketplaces_own_order_counts(version: str, data: st.DataObject, skew: int) -> None:
    truth = data.draw(histories(version))
    told = data.draw(deliveries(truth.messages))
    matches(truth, WORLD.play(truth, told, timedelta(milliseconds=skew)))


@pytest.mark.sweep
@MANY
@given(data=st.data(), skew=st.integers(-30_000, 30_000))
def test_version_2_knows_the_order_of_orders_whose_first_calls_were_lost(data: st.DataObject, skew: int) -> None:
    truth = data.draw(histories(V2, ["renew", "renew-change", "return", "upgrade"], SECONDS))
    told = data.draw(deliveries(truth.messages, lost=True))
    matches(truth, WORLD.play(truth, told, timedelta(milliseconds=skew)))


def test_a_renewal_may_turn_the_end_of_a_period_into_a_suspension() -> None:
    """The renewal overtaken by a freeze fails after the site was stopped; the unfreeze that follows starts it again."""
    minutes = [BEGIN + timedelta(minutes=number) for number in range(61)]
    first = Message(renewal("O1", minutes[24]), BEGIN + timedelta(milliseconds=2), BOUGHT)
    freeze_ = Message(Freeze("i", FreezeReason.SUSPENDED), minutes[12] + timedelta(milliseconds=2), None)
    second = Message(renewal("O2", minutes[60]), minutes[36], BOUGHT)
    unfreeze_ = Message(Unfreeze("i"), minutes[37], None)
    truth = Truth("v1", now=minutes[37], expires_at=minutes[60], specification=BOUGHT)
    truth.messages[:] = [first, freeze_, second, unfreeze_]
    told = [
        Delivery(second, retry=False, fails=""),
        Delivery(freeze_, retry=False, fails=""),
        Delivery(first, retry=False, fails="after"),
        Delivery(unfreeze_, retry=False, fails=""),
        Delivery(first, retry=True, fails=""),
    ]
    matches(truth, WORLD.play(truth, told, timedelta()))


def renewal(order_id: str, expires_at: datetime) -> Renew:
    return Renew("i", order_id, None, RenewalScene.RENEWAL, expires_at)
