"""Version 1 in earnest: orders that create instances, for a system of one's own. Each case buys what it needs."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from typing import Any

from emulator.checks import Reading
from emulator.conformance import sources
from emulator.conformance.call_factory import CallFactory
from emulator.conformance.case import Case, Play, Says
from emulator.conformance.case_builders import UNKNOWN, CaseGroup, calls, each
from emulator.conformance.step import Step
from emulator.conformance.v1_fields import OTHER_PRODUCT, OTHER_SKU, purchase, renewal, yearly
from emulator.order_ids import business_id

_REAL = CaseGroup(
    "v1",
    "real",
    "key",
    sources.OVERVIEW,
    "The marketplace calls again every hour until it has a success, and when the buyer opens the resource.",
    "Keep orders and instances in a store with a unique key on the order; do each change once and answer each repeat "
    "with success.",
    says=Says(),
    real=True,
)
_UNKNOWN = _REAL._replace(
    source=sources.CODES,
    why="What is not there must not look done.",
    advice="Answer 000003 for an instance that was never created or has been released.",
)

Life = Generator[Step, Reading, str | None]
Calls = Callable[[CallFactory, str, str], list[Step]]
"""The calls after a purchase, made from its order and the instance's id."""


def instance_of(reading: Reading) -> str:
    """The id an answer gives, empty if it gives none."""
    return reading.named[0] if reading.named else ""


def buy(factory: CallFactory, order: str) -> Step:
    """A purchase for a year that other calls build on."""
    return replace(factory.real_v1("newInstance", yearly(factory, orderId=order)), setup=True)


def after_purchase(make: Calls, *, release: bool = True) -> Play:
    """Buys, makes the calls, and releases at the end unless the calls did."""

    def play(factory: CallFactory) -> Life:
        order = factory.order_id()
        instance = instance_of((yield buy(factory, order)))
        yield from each(make(factory, order, instance))
        if release:
            yield factory.real_v1("releaseInstance", {"instanceId": instance, "orderId": order})
        return None

    return play


def same_order(factory: CallFactory, order: str, instance: str) -> list[Step]:
    """The order twice more: hours later, and as the buyer opens the resource."""
    again = [factory.real_v1("newInstance", yearly(factory, orderId=order), instances=(instance,)) for _ in range(2)]
    return [*again, described(factory, instance)]


def described(factory: CallFactory, instance: str) -> Step:
    """The instance with the way in."""
    return factory.real_v1("queryInstance", {"instanceId": instance}, instances=(instance,), access=True)


def second_product(factory: CallFactory) -> Life:
    """One pay-per-use order with two products: two instances, each with an id of its own."""
    order = factory.order_id()
    first = purchase(factory, orderId=order, chargingMode=0)
    one = instance_of((yield factory.real_v1("newInstance", first)))
    other = {**first, "businessId": business_id(), "productId": OTHER_PRODUCT, "skuCode": OTHER_SKU}
    two = instance_of((yield factory.real_v1("newInstance", other, others=(one,))))
    for instance in (one, two):
        yield factory.real_v1("releaseInstance", {"instanceId": instance, "orderId": order})
    return None


def twice(activity: str, fields: Callable[[CallFactory, str, str], Mapping[str, Any]]) -> Play:
    """The same call twice; both succeed."""

    def steps(factory: CallFactory, order: str, instance: str) -> list[Step]:
        same = fields(factory, order, instance)
        return [factory.real_v1(activity, same) for _ in range(2)]

    return after_purchase(steps, release=activity != "releaseInstance")


def frozen(factory: CallFactory, order: str, instance: str) -> list[Step]:
    """Expired twice, renewed while frozen, suspended and resumed."""
    of_order = {"instanceId": instance, "orderId": order}
    status = [factory.real_v1("instanceStatus", {"instanceId": instance, "instanceStatus": s}) for s in _WORDS]
    expired = [factory.real_v1("expireInstance", of_order)] * 2
    return [*expired, factory.real_v1("refreshInstance", _renewal(factory, order, instance)), *status]


def rehearsed(factory: CallFactory, order: str, instance: str) -> list[Step]:
    """A debug release of a real instance; the instance must still be there."""
    release = factory.v1("releaseInstance", {"instanceId": instance, "orderId": order})
    return [replace(release, setup=True), described(factory, instance)]


def released(factory: CallFactory, order: str, instance: str) -> list[Step]:
    """Released, and then renewed: too late."""
    release = factory.real_v1("releaseInstance", {"instanceId": instance, "orderId": order})
    late = factory.real_v1("refreshInstance", _renewal(factory, order, instance), codes=UNKNOWN)
    return [release, late]


_WORDS = ("FREEZE", "FREEZE", "NORMAL", "NORMAL")


def _renewal(factory: CallFactory, _order: str, instance: str) -> dict[str, Any]:
    return renewal(factory, orderId=factory.order_id(), instanceId=instance, productId=None)


def _upgrade(factory: CallFactory, _order: str, instance: str) -> dict[str, Any]:
    return {
        "orderId": factory.order_id(),
        "instanceId": instance,
        "skuCode": OTHER_SKU,
        "productId": OTHER_PRODUCT,
        "amount": 20,
    }


V1_REAL: tuple[Case, ...] = (
    _REAL.case(
        "same-order",
        "an order comes again with another businessId: same instance",
        after_purchase(same_order),
        why="businessId differs on each call. Who tells orders by it creates, and bills, a second instance.",
        advice="Find the instance by orderId (pay-per-use: orderId and productId) and answer with its first id.",
        source=sources.NEW,
    ),
    _REAL.case(
        "second-product",
        "a pay-per-use order with two products: two instances",
        second_product,
        why="Each product of a pay-per-use order is a call of its own with the same orderId, and needs its own id.",
        advice="For chargingMode 0 and 5 find the instance by orderId and productId.",
        source=sources.NEW,
    ),
    _REAL.case("renew-twice", "a renewal comes twice", twice("refreshInstance", _renewal), source=sources.RENEWAL),
    _REAL.case("upgrade-twice", "an upgrade comes twice", twice("upgrade", _upgrade), source=sources.UPGRADE),
    _REAL.case(
        "freeze-twice",
        "expiry and freezing come twice, and a renewal in between",
        after_purchase(frozen),
        source=sources.EXPIRY,
        advice="Freezing what is frozen, and unfreezing what runs, is a success. A renewal ends the freezing.",
    ),
    _REAL.case(
        "release-twice",
        "a release comes twice",
        twice("releaseInstance", lambda _desk, order, instance: {"orderId": order, "instanceId": instance}),
        source=sources.RELEASE,
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
        calls(lambda factory: factory.real_v1("queryInstance", {"instanceId": business_id()}, codes=UNKNOWN)),
    ),
)
