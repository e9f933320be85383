"""Calls in earnest: orders that create instances, for a system of one's own. Each case buys what it needs; the order
query of the checker tells the orders of version 2.
"""

from collections.abc import Generator
from typing import NamedTuple

from emulator.checks import Reading
from emulator.conformance import sources
from emulator.conformance.call_factory import CallFactory
from emulator.conformance.case import Case, Play, Says
from emulator.conformance.case_builders import CaseGroup, calls
from emulator.conformance.step import Step
from emulator.conformance.v1_fields import purchase, yearly
from emulator.journey.life import UNKNOWN, Life, Life1, Life2, LifeCall
from emulator.order_ids import business_id
from emulator.wire.v1_fields import OTHER_PRODUCT, OTHER_SKU
from shared.commands import Version

_V1 = CaseGroup("v1", "real", "key", sources.OVERVIEW, says=Says(), real=True)
_V2 = _V1._replace(version="v2", key="access_key", source=sources.V2_NEW)
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
    expected = {"codes": UNKNOWN}
    return calls(
        lambda factory: factory.real(LifeCall(version, "queryInstance", {"instanceId": business_id()}, expected))
    )


class _Own(NamedTuple):
    """What is the version's own: its group, how its instances freeze, and its pages."""

    group: CaseGroup
    freezing: tuple[str, ...]
    new: str
    renewal: str
    upgrade: str
    freezing_page: str
    release: str


_OWN = {
    Version.V1: _Own(
        _V1,
        ("expire", "expire-again", "renew-while-frozen", "freeze", "freeze-again", "unfreeze", "unfreeze-again"),
        *(sources.NEW, sources.RENEWAL, sources.UPGRADE, sources.EXPIRY, sources.RELEASE),
    ),
    Version.V2: _Own(
        _V2,
        ("freeze", "freeze-again", "renew-while-frozen", "unfreeze", "unfreeze-again"),
        *(sources.V2_NEW, sources.V2_RENEWAL, sources.V2_UPGRADE, sources.V2_STATUS, sources.V2_RELEASE),
    ),
}


def _cases(version: Version, *others: Case) -> tuple[Case, ...]:
    """The cases of a version; ``others`` are its own."""
    own = _OWN[version]
    case = own.group.case
    unknown = own.group._replace(source=sources.CODES, kind="unknown")
    return (
        case("same-order", lived(version, "the-order-again", "the-order-again", "query", "release"), source=own.new),
        *others,
        case("renew-twice", lived(version, "renew", "renew-again", "release"), source=own.renewal),
        case("upgrade-twice", lived(version, "upgrade", "upgrade-again", "release"), source=own.upgrade),
        case("freeze-twice", lived(version, *own.freezing, "release"), source=own.freezing_page),
        case("release-twice", lived(version, "release", "release-again"), source=own.release),
        case(
            "debug-is-harmless", lived(version, "query", "release", setup=("debug-release",)), source=sources.DEBUGGING
        ),
        unknown.case("renew-released", lived(version, "release", "renew-after-release")),
        unknown.case("unknown-instance", never_bought(version)),
    )


V1_REAL = _cases(Version.V1, _V1.case("second-product", second_product, source=sources.NEW))
V2_REAL = _cases(Version.V2)
