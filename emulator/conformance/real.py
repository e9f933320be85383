"""Calls in earnest: orders that create instances, for a system of one's own. Each case buys what it needs; the order
query of the checker tells the orders of version 2.
"""

from collections.abc import Generator
from dataclasses import replace

from emulator.checks import Reading
from emulator.conformance import sources
from emulator.conformance.call_factory import CallFactory
from emulator.conformance.case import Case, Play, Says
from emulator.conformance.case_builders import CaseGroup, calls
from emulator.conformance.fields import purchase, yearly
from emulator.conformance.step import Step
from emulator.journey.life import UNKNOWN, Life, Life1, Life2, LifeCall
from emulator.order_ids import business_id
from emulator.wire.v1_fields import OTHER_PRODUCT, OTHER_SKU
from shared.commands import Version

_BOUGHT = {Version.V1: ("buy",), Version.V2: ("buy", "query")}
"""What the other steps build on: an instance of version 2 is asked for until it is there."""


def born(factory: CallFactory, version: Version) -> Life:
    """A life that has not begun."""
    return Life1(factory.ordering, lambda: yearly(factory)) if version is Version.V1 else Life2(factory.ordering)


def lived(version: Version, *names: str, setup: tuple[str, ...] = ()) -> Play:
    """Bought, and then the steps of these names. ``setup``: steps that the others build on."""
    first = (*_BOUGHT[version], *setup)

    def play(factory: CallFactory) -> Generator[Step, Reading, None]:
        life = born(factory, version)
        for number, (_, call) in enumerate(life.told(*first, *names)):
            life.learn(call, (yield factory.real(call, setup=number < len(first))))

    return play


def second_product(factory: CallFactory) -> Generator[Step, Reading, None]:
    """One pay-per-use order with two products: two instances, each with an id of its own."""
    one = Life1(factory.ordering, lambda: purchase(factory, chargingMode=0))
    other = {"chargingMode": 0, "productId": OTHER_PRODUCT, "skuCode": OTHER_SKU}
    two = Life1(factory.ordering, lambda: purchase(factory, **other), one.order["orderId"])
    for life in (one, two):
        call = life.buy(others=one.known)
        life.learn(call, (yield factory.real(call)))
    for life in (one, two):
        yield factory.real(life.release())


def never_bought(version: Version) -> Play:
    """A query for what nobody has bought."""
    return calls(
        lambda factory: factory.real(
            LifeCall(version, "queryInstance", {"instanceId": business_id()}, {"codes": UNKNOWN})
        )
    )


_FREEZING = {
    Version.V1: ("expire", "expire-again", "renew-while-frozen", "freeze", "freeze-again"),
    Version.V2: ("freeze", "freeze-again", "renew-while-frozen"),
}
_ACTIVITIES = {Version.V1: ("upgrade", "expireInstance"), Version.V2: ("upgradeInstance", "updateInstanceStatus")}
"""What upgrades and what freezes."""


def _cases(version: Version, **others: Play) -> tuple[Case, ...]:
    """The cases of a version; ``others`` are purchases of its own."""
    group = CaseGroup(version, "real", says=Says(), real=True)
    unknown = replace(group, source=sources.CODES, kind="unknown")
    upgrade, freezing = _ACTIVITIES[version]

    def case(name: str, activity: str, *steps: str) -> Case:
        return group.case(name, lived(version, *steps, "release"), activity=activity)

    return (
        case("same-order", "newInstance", "the-order-again", "the-order-again", "query"),
        *(group.case(name.replace("_", "-"), play, activity="newInstance") for name, play in others.items()),
        case("renew-twice", "refreshInstance", "renew", "renew-again"),
        case("upgrade-twice", upgrade, "upgrade", "upgrade-again"),
        case("freeze-twice", freezing, *_FREEZING[version], "unfreeze", "unfreeze-again"),
        group.case("release-twice", lived(version, "release", "release-again"), activity="releaseInstance"),
        group.case(
            "debug-is-harmless", lived(version, "query", "release", setup=("debug-release",)), source=sources.DEBUGGING
        ),
        unknown.case("renew-released", lived(version, "release", "renew-after-release")),
        unknown.case("unknown-instance", never_bought(version)),
    )


V1_REAL = _cases(Version.V1, second_product=second_product)
V2_REAL = _cases(Version.V2)
