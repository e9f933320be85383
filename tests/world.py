"""A whole bundle in one process: real pipeline and store, a fake provisioner, a fake order query, a clock that stands
still.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from emulator.wire.calls import V1Calls, V2Calls, members_of
from functions import gateway
from shared import app as composition
from shared.app import App
from shared.clock import Deadline
from shared.config import Settings, of
from shared.http import HttpRequest, HttpResponse
from shared.openapi.order import Order, OrderLine
from shared.pipelines.marketplace import answer
from shared.protocol.signing import verify_body_sign
from shared.provisioning import (
    Access,
    Buyer,
    Charging,
    FreezeReason,
    Instance,
    OrderType,
    Pending,
    Refusal,
    Renewal,
    Specification,
    Usage,
)
from shared.store.sqlite.table import SqliteTables
from tests.fakes import CountingTables, FakeClock

KEY = "11111111-2222-3333-4444-555555555555"
ACCESS_KEY = "access-key-of-the-basic-interfaces"
NOTIFY_KEY = "access-key-of-order-notifications"
SETTINGS = {
    "KOOGALLERY_KEY": KEY,
    "KOOGALLERY_ACCESS_KEY": ACCESS_KEY,
    "KOOGALLERY_NOTIFY_ACCESS_KEY": NOTIFY_KEY,
    "KOOGALLERY_STORAGE_KEY": "a-storage-key-for-tests",
    "KOOGALLERY_APP_URL": "https://app.example.com",
}


@dataclass
class FakeProvisioner:
    """Remembers what it was asked. ``before`` is called with the method's name first, and may raise or block."""

    calls: list[tuple[str, str, str]] = field(default_factory=list)
    created: dict[str, Access] = field(default_factory=dict)
    told: list[Instance] = field(default_factory=list)
    buyers: list[Buyer] = field(default_factory=list)
    renewals: list[Renewal] = field(default_factory=list)
    specifications: list[Specification] = field(default_factory=list)
    reasons: list[FreezeReason] = field(default_factory=list)
    pending: bool = False
    refusal: Refusal | None = None
    present: Access | Pending | None = None
    consumed: tuple[Usage, ...] = ()
    before: Any = None

    def _asked(self, method: str, instance: Instance, key: str = "") -> None:
        self.calls.append((method, instance.instance_id, key))
        self.told.append(instance)
        if self.before:
            self.before(method)

    def create(self, instance: Instance, buyer: Buyer, key: str) -> Access | Pending:
        self._asked("create", instance, key)
        self.buyers.append(buyer)
        if self.pending:
            return Pending()
        access = Access(f"https://{instance.instance_id}.example.com", user_name="admin", password="Passw0rd!")
        return self.created.setdefault(key, access)

    def describe(self, instance: Instance) -> Access | Pending | None:
        self._asked("describe", instance)
        return self.present

    def renew(self, instance: Instance, renewal: Renewal, key: str) -> None:
        self._asked("renew", instance, key)
        self.renewals.append(renewal)

    def change(self, instance: Instance, specification: Specification, key: str) -> None:
        self._asked("change", instance, key)
        self.specifications.append(specification)

    def can_change(self, instance: Instance, specification: Specification) -> Refusal | None:
        self._asked("can_change", instance)
        self.specifications.append(specification)
        return self.refusal

    def freeze(self, instance: Instance, reason: FreezeReason, key: str) -> None:
        self._asked("freeze", instance, key)
        self.reasons.append(reason)

    def unfreeze(self, instance: Instance, key: str) -> None:
        self._asked("unfreeze", instance, key)

    def release(self, instance: Instance, key: str) -> None:
        self._asked("release", instance, key)

    def usage(self, instance: Instance) -> Sequence[Usage]:
        self._asked("usage", instance)
        return self.consumed

    def order_changed(self, order_id: str, order_line_id: str | None, key: str) -> None:
        self.calls.append(("order_changed", order_id, key))

    def count(self, method: str) -> int:
        """How often ``method`` was asked."""
        return sum(1 for called, *_ in self.calls if called == method)


@dataclass
class FakeOrders:
    """An order query that answers every order: a yearly one, unless ``orders`` has another."""

    orders: dict[str, Order] = field(default_factory=dict)
    error: Exception | None = None
    asked: list[str] = field(default_factory=list)
    before: Any = None

    def find(self, order_id: str, order_line_id: str | None, deadline: Deadline) -> Order:
        self.asked.append(order_id)
        if self.before:
            self.before("find")
        if self.error:
            raise self.error
        return self.orders.get(order_id) or order(order_id, order_line_id)


def order(order_id: str, line_id: str | None = None, kind: OrderType = OrderType.NEW, **specification: Any) -> Order:
    """An order with one line."""
    defaults: dict[str, Any] = {
        "product_id": "OFFI1",
        "sku_code": "sku-1",
        "charging": Charging.PERIOD,
        "quantity": 10,
    }
    bought = Specification(**defaults | specification)
    line = OrderLine(line_id or f"{order_id}-000001", bought, datetime(2027, 11, 20, 15, 59, 59, tzinfo=UTC))
    buyer = Buyer("customer-1", "Zhang San", mobile_phone="13800000000", email="user@example.com")
    return Order(order_id, kind, datetime(2026, 11, 20, 8, tzinfo=UTC), (line,), buyer)


class World:
    """The bundle with its surroundings. ``send`` plays the marketplace and checks every answer's form and signature."""

    def __init__(
        self, folder: Path, settings: Mapping[str, str] | None = None, clock: Any = None, tables: Any = None
    ) -> None:
        self.clock = clock or FakeClock()
        self.provisioner = FakeProvisioner()
        self.orders = FakeOrders()
        # What a power failure would do is not what these tests are about.
        tables = tables or SqliteTables(str(folder / "store.sqlite"), self.clock, synchronous="OFF")
        self.tables = CountingTables(tables)
        self.values = SETTINGS | dict(settings or {})
        self.v1 = V1Calls(KEY, self.clock)
        self.v2 = V2Calls(ACCESS_KEY, self.clock)
        self.notify = V2Calls(NOTIFY_KEY, self.clock)
        self.app = self.restarted()

    def restarted(self) -> App:
        """A new process on the same store."""
        self.app = App(
            Settings(of(self.values), lambda store, name: name),
            clock=self.clock,
            tables=self.tables,
            provisioner=self.provisioner,
            orders=self.orders,
        )
        composition.install(self.app)
        return self.app

    def raw(self, request: HttpRequest) -> HttpResponse:
        """The answer as it is."""
        return answer(self.app, request, gateway.find)

    def send(self, request: HttpRequest, key: str | None = None) -> dict[str, Any]:
        """The answer's members, its form and signature checked."""
        return checked(self.raw(request), key or (KEY if request.method == "GET" else ACCESS_KEY))

    def buy(self, order_id: str = "CS1", business_id: str = "business-1", **more: Any) -> dict[str, Any]:
        """A version 1 purchase of a yearly product."""
        return self.send(self.purchase(order_id, business_id, **more))

    def purchase(self, order_id: str = "CS1", business_id: str = "business-1", **more: Any) -> HttpRequest:
        """The call of a version 1 purchase."""
        fields: dict[str, Any] = {
            "orderId": order_id,
            "businessId": business_id,
            "customerId": "customer-1",
            "customerName": "Zhang San",
            "productId": "00301-666666-0--0",
            "chargingMode": 1,
            "periodType": "year",
            "periodNumber": 1,
            "expireTime": "20271120235959",
        }
        return self.v1.call("newInstance", **fields | more)

    def buy_v2(self, order_id: str = "CS2", business_id: str = "business-2", **more: Any) -> dict[str, Any]:
        """A version 2 purchase."""
        return self.send(self.purchase_v2(order_id, business_id, **more))

    def purchase_v2(self, order_id: str = "CS2", business_id: str = "business-2", **more: Any) -> HttpRequest:
        """The call of a version 2 purchase."""
        members = {"orderId": order_id, "orderLineId": f"{order_id}-000001", "businessId": business_id}
        return self.v2.call("newInstance", **members | more)

    def counted(self, request: HttpRequest) -> tuple[dict[str, Any], int]:
        """The answer's members and the number of store calls it took."""
        before = self.tables.total
        return self.send(request), self.tables.total - before

    def state(self, instance_id: str) -> str | None:
        """The state of an instance as stored."""
        record = self.app.instances.get(instance_id)
        return record.state.value if record else None


def checked(response: HttpResponse, key: str) -> dict[str, Any]:
    """The members of an answer that has the form of section 2 and is signed with ``key``."""
    assert response.status == 200
    assert response.headers["Content-Type"] == "application/json"
    verify_body_sign(key, response.headers["Body-Sign"], response.body)
    members = dict(members_of(response.body))
    assert set(members["resultCode"]) <= set("0123456789")
    assert len(members["resultCode"]) == 6
    assert members["resultMsg"].isascii()
    assert len(members["resultMsg"]) <= 255
    return members


def usage(value: str, related: str | None = None) -> Usage:
    """Some consumption."""
    return Usage(Decimal(value), datetime(2026, 11, 20, 8, tzinfo=UTC), related)


def together(count: int, work: Any) -> list[Any]:
    """The results of ``count`` calls of ``work(index)``, started at the same moment."""
    barrier = threading.Barrier(count)
    results: list[Any] = [None] * count

    def run(index: int) -> None:
        barrier.wait()
        results[index] = work(index)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
