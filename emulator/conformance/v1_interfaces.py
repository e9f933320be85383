"""Version 1: each interface in each form the seller console has a case for (production interfaces, section 2)."""

from typing import Any

from emulator.conformance import sources
from emulator.conformance.call_factory import INSTANCE, CallFactory
from emulator.conformance.case import Case
from emulator.conformance.case_builders import CaseGroup, calls, v1
from emulator.conformance.v1_fields import contact, extension, many, of_order, purchase, renewal, upgrade, yearly


def returned(factory: CallFactory) -> dict[str, Any]:
    """A renewed year that is returned."""
    return renewal(factory, expireTime=factory.ordering.later(365), orderAmount="-100.00")


_NEW = CaseGroup("v1", "new", "key", sources.NEW)
_LIFE = CaseGroup("v1", "life", "key", sources.OVERVIEW)


V1_INTERFACES: tuple[Case, ...] = (
    _NEW.case("period", v1("newInstance", yearly)),
    _NEW.case("trial", v1("newInstance", lambda factory: yearly(factory, trialFlag=1))),
    _NEW.case("no-trial", v1("newInstance", lambda factory: yearly(factory, trialFlag=0))),
    _NEW.case("one-time", v1("newInstance", lambda factory: purchase(factory, chargingMode=3, amount=10))),
    _NEW.case("on-demand", v1("newInstance", lambda factory: purchase(factory, chargingMode=0))),
    _NEW.case(
        "package",
        v1("newInstance", lambda factory: purchase(factory, chargingMode=5, expireTime=factory.ordering.later(365))),
    ),
    _NEW.case("contact", v1("newInstance", contact)),
    _NEW.case("extension", v1("newInstance", extension)),
    _NEW.case(
        "repeated",
        calls(
            lambda factory: factory.v1("newInstance", yearly(factory)),
            lambda factory: factory.v1("newInstance", yearly(factory)),
        ),
        source=sources.DEBUGGING,
    ),
    _LIFE.case("renew", v1("refreshInstance", renewal), source=sources.RENEWAL),
    _LIFE.case(
        "renew-no-product",
        v1("refreshInstance", lambda factory: renewal(factory, productId=None)),
        source=sources.RENEWAL,
    ),
    _LIFE.case(
        "renew-formal", v1("refreshInstance", lambda factory: renewal(factory, trialToFormal=1)), source=sources.RENEWAL
    ),
    _LIFE.case(
        "renew-returned",
        v1(
            "refreshInstance",
            lambda factory: renewal(factory, expireTime=factory.ordering.later(365), orderAmount="-100.00"),
        ),
        source=sources.RENEWAL,
    ),
    _LIFE.case("expire", v1("expireInstance", of_order), source=sources.EXPIRY),
    _LIFE.case("expire-no-order", v1("expireInstance", lambda _: {"instanceId": INSTANCE}), source=sources.EXPIRY),
    _LIFE.case("release", v1("releaseInstance", of_order), source=sources.RELEASE),
    _LIFE.case(
        "release-again",
        calls(*[lambda factory: factory.v1("releaseInstance", of_order(factory))] * 2),
        source=sources.RELEASE,
    ),
    _LIFE.case("upgrade", v1("upgrade", upgrade), source=sources.UPGRADE),
    _LIFE.case(
        "freeze",
        v1("instanceStatus", lambda _: {"instanceId": INSTANCE, "instanceStatus": "FREEZE"}),
        source=sources.STATUS,
    ),
    _LIFE.case(
        "unfreeze",
        v1("instanceStatus", lambda _: {"instanceId": INSTANCE, "instanceStatus": "NORMAL"}),
        source=sources.STATUS,
    ),
    _LIFE.case(
        "query", v1("queryInstance", lambda _: {"instanceId": INSTANCE}, instances=(INSTANCE,)), source=sources.QUERY
    ),
    _LIFE.case(
        "query-many",
        calls(
            lambda factory: factory.v1(
                "queryInstance", {"instanceId": ",".join(many(factory))}, instances=many(factory)
            )
        ),
        source=sources.QUERY,
    ),
)
