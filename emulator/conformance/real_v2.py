"""Version 2 in earnest: orders that the order query of the checker tells. Each case buys what it needs."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from typing import Any

from emulator.checks import Reading
from emulator.conformance import sources
from emulator.conformance.call_factory import CallFactory
from emulator.conformance.case import Case, Play, Says
from emulator.conformance.case_builders import ACCEPTED, UNKNOWN, CaseGroup, calls, each
from emulator.conformance.real_v1 import instance_of
from emulator.conformance.step import Step
from emulator.journey.orders import MORE_SEATS, OTHER_SKU, SEATS, SKU, order
from emulator.order_ids import business_id, line_of
from shared.openapi.order import OrderType

_REAL = CaseGroup(
    "v2",
    "real",
    "access_key",
    sources.V2_NEW,
    "The marketplace calls again every hour until it has a success, and asks for the instance until it is there.",
    "Keep orders and instances in a store with a unique key on order and order line; do each change once and answer "
    "each repeat with success. The order's details are in the order query.",
    says=Says(),
    real=True,
)
_UNKNOWN = _REAL._replace(
    source=sources.CODES,
    why="What is not there must not look done.",
    advice="Answer 000003 for an instance that was never created or has been released.",
)

Life = Generator[Step, Reading, str | None]
Calls = Callable[[CallFactory, dict[str, str], str], list[Step]]
"""The calls after a purchase, made from its order's ids and the instance's id."""


def ordered(
    factory: CallFactory, kind: OrderType, days: float = 365, *, seats: int = SEATS, sku: str = SKU
) -> dict[str, str]:
    """Place an order that the order query will tell; its ids."""
    number = factory.order_id()
    factory.orders.add(order(number, kind, factory.clock, expires_at=factory.moment(days), seats=seats, sku=sku))
    return {"orderId": number, "orderLineId": line_of(number)}


def buy(factory: CallFactory, ids: Mapping[str, str]) -> Step:
    """A purchase; a slow instance may come later."""
    return factory.real_v2("newInstance", {**ids, "businessId": business_id()}, codes=ACCEPTED)


def described(factory: CallFactory, instance: str) -> Step:
    """The instance with the way in, asked for until it is there."""
    return factory.real_v2("queryInstance", {"instanceId": instance}, instances=(instance,), access=True)


def after_purchase(make: Calls, *, release: bool = True) -> Play:
    """Buys, waits for the instance, makes the calls, and releases at the end unless the calls did."""

    def play(factory: CallFactory) -> Life:
        ids = ordered(factory, OrderType.NEW)
        instance = instance_of((yield replace(buy(factory, ids), setup=True)))
        yield replace(described(factory, instance), setup=True)
        yield from each(make(factory, ids, instance))
        if release:
            yield factory.real_v2("releaseInstance", {"instanceId": instance})
        return None

    return play


def same_order(factory: CallFactory, ids: dict[str, str], instance: str) -> list[Step]:
    """The order twice more."""
    again = buy(factory, ids)
    second = buy(factory, ids)
    return [replace(each, expected=replace(each.expected, instances=(instance,))) for each in (again, second)]


def twice(activity: str, members: Callable[[CallFactory, str], Mapping[str, Any]]) -> Play:
    """The same call twice; both succeed."""

    def steps(factory: CallFactory, _ids: dict[str, str], instance: str) -> list[Step]:
        same = members(factory, instance)
        return [factory.real_v2(activity, same) for _ in range(2)]

    return after_purchase(steps, release=activity != "releaseInstance")


def frozen(factory: CallFactory, _ids: dict[str, str], instance: str) -> list[Step]:
    """Frozen twice, renewed while frozen, unfrozen twice."""
    status = [factory.real_v2("updateInstanceStatus", {"instanceId": instance, "status": word}) for word in _WORDS]
    return [*status[:2], factory.real_v2("refreshInstance", _renewal(factory, instance)), *status[2:]]


def rehearsed(factory: CallFactory, _ids: dict[str, str], instance: str) -> list[Step]:
    """A debug release of a real instance; the instance must still be there."""
    return [replace(factory.v2("releaseInstance", {"instanceId": instance}), setup=True), described(factory, instance)]


def released(factory: CallFactory, _ids: dict[str, str], instance: str) -> list[Step]:
    """Released, and then renewed: too late."""
    release = factory.real_v2("releaseInstance", {"instanceId": instance})
    return [release, factory.real_v2("refreshInstance", _renewal(factory, instance), codes=UNKNOWN)]


_WORDS = ("FREEZE", "FREEZE", "UNFREEZE", "UNFREEZE")


def _renewal(factory: CallFactory, instance: str) -> dict[str, Any]:
    ids = ordered(factory, OrderType.RENEW, 730)
    return ids | {"instanceId": instance, "scene": "RENEWAL", "expireTime": factory.later_v2(730)}


def _upgrade(factory: CallFactory, instance: str) -> dict[str, Any]:
    return {"instanceId": instance} | ordered(factory, OrderType.CHANGE, seats=MORE_SEATS, sku=OTHER_SKU)


V2_REAL: tuple[Case, ...] = (
    _REAL.case(
        "same-order",
        "an order comes again with another businessId: same instance",
        after_purchase(same_order),
        why="businessId differs on each call. Who tells orders by it creates, and bills, a second instance.",
        advice="Find the instance by orderId and orderLineId and answer with its first id.",
    ),
    _REAL.case("renew-twice", "a renewal comes twice", twice("refreshInstance", _renewal), source=sources.V2_RENEWAL),
    _REAL.case(
        "upgrade-twice", "an upgrade comes twice", twice("upgradeInstance", _upgrade), source=sources.V2_UPGRADE
    ),
    _REAL.case(
        "freeze-twice",
        "freezing and unfreezing come twice, and a renewal in between",
        after_purchase(frozen),
        source=sources.V2_STATUS,
        advice="Freezing what is frozen, and unfreezing what runs, is a success.",
    ),
    _REAL.case(
        "release-twice",
        "a release comes twice",
        twice("releaseInstance", lambda _desk, instance: {"instanceId": instance}),
        source=sources.V2_RELEASE,
        advice="Releasing what has been released is a success: remember released instances.",
    ),
    _REAL.case(
        "debug-is-harmless",
        "a debug release leaves a real instance alone",
        after_purchase(rehearsed),
        why="Saved debug cases are run twice a day, and may name real instances.",
        advice="With testFlag=1 answer success and change nothing.",
        source=sources.DEBUGGING,
    ),
    _UNKNOWN.case("renew-released", "a renewal after the release", after_purchase(released, release=False)),
    _UNKNOWN.case(
        "unknown-instance",
        "a query for an instance that never was",
        calls(lambda factory: factory.real_v2("queryInstance", {"instanceId": business_id()}, codes=UNKNOWN)),
    ),
)
