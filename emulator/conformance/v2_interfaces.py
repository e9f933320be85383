"""Version 2: each interface in each of its forms (production interfaces, section 3)."""

from typing import Any

from emulator.conformance import sources
from emulator.conformance.call_factory import INSTANCE, LINE, ORDER, CallFactory
from emulator.conformance.case import Case, Play
from emulator.conformance.case_builders import CaseGroup, calls, v2
from emulator.conformance.v1_fields import many
from emulator.order_ids import business_id
from emulator.wire.v1_fields import OTHER_PRODUCT, OTHER_SKU

_LIFE = CaseGroup("v2", "life", "access_key", sources.DEBUGGING)
_TARGET = {"productId": OTHER_PRODUCT, "skuCode": OTHER_SKU, "linearValue": 20}


def purchase(_desk: CallFactory) -> dict[str, Any]:
    return {"orderId": ORDER, "orderLineId": LINE, "businessId": business_id()}


def renewal(factory: CallFactory, **more: Any) -> dict[str, Any]:
    """A renewal by a year."""
    fields = {
        "scene": "RENEWAL",
        "orderId": ORDER,
        "orderLineId": LINE,
        "instanceId": INSTANCE,
        "productId": OTHER_PRODUCT,
        "expireTime": factory.ordering.later_v2(730),
    }
    return fields | more


def _scene(scene: str, days: int = 730) -> Play:
    return v2(
        "refreshInstance", lambda factory: renewal(factory, scene=scene, expireTime=factory.ordering.later_v2(days))
    )


def _of_instance(activity: str, **more: Any) -> Play:
    return v2(activity, lambda _: {"instanceId": INSTANCE, **more})


V2_INTERFACES: tuple[Case, ...] = (
    _LIFE.case("new", v2("newInstance", purchase), source=sources.V2_NEW),
    _LIFE.case(
        "new-again", calls(*[lambda factory: factory.v2("newInstance", purchase(factory))] * 2), source=sources.V2_NEW
    ),
    _LIFE.case("renew", _scene("RENEWAL"), source=sources.V2_RENEWAL),
    _LIFE.case(
        "renew-no-product",
        v2("refreshInstance", lambda factory: {k: v for k, v in renewal(factory).items() if k != "productId"}),
        source=sources.V2_RENEWAL,
    ),
    _LIFE.case("renew-formal", _scene("TRIAL_TO_FORMAL", 365), source=sources.V2_RENEWAL),
    _LIFE.case("renew-returned", _scene("UNSUBSCRIBE_RENEWAL_PERIOD", 365), source=sources.V2_RENEWAL),
    _LIFE.case("renew-change", _scene("RENEWAL_CHANGE"), source=sources.V2_RENEWAL),
    _LIFE.case(
        "renew-milliseconds",
        v2("refreshInstance", lambda factory: renewal(factory, expireTime=f"{factory.ordering.later_v2(730)}256")),
        source=sources.V2_RENEWAL,
    ),
    _LIFE.case("freeze", _of_instance("updateInstanceStatus", status="FREEZE"), source=sources.V2_STATUS),
    _LIFE.case("unfreeze", _of_instance("updateInstanceStatus", status="UNFREEZE"), source=sources.V2_STATUS),
    _LIFE.case("release", _of_instance("releaseInstance", orderId=ORDER, orderLineId=LINE), source=sources.V2_RELEASE),
    _LIFE.case("release-expired", _of_instance("releaseInstance"), source=sources.V2_RELEASE),
    _LIFE.case(
        "release-again",
        calls(*[lambda factory: factory.v2("releaseInstance", {"instanceId": INSTANCE})] * 2),
        source=sources.V2_RELEASE,
    ),
    _LIFE.case("upgrade", _of_instance("upgradeInstance", orderId=ORDER, orderLineId=LINE), source=sources.V2_UPGRADE),
    _LIFE.case(
        "query", v2("queryInstance", lambda _: {"instanceId": INSTANCE}, instances=(INSTANCE,)), source=sources.V2_QUERY
    ),
    _LIFE.case(
        "query-many",
        calls(
            lambda factory: factory.v2(
                "queryInstance", {"instanceId": ",".join(many(factory))}, instances=many(factory)
            )
        ),
        source=sources.V2_QUERY,
    ),
    _LIFE.case("change-check", _of_instance("changeInstanceCheck", productInfo=_TARGET), source=sources.V2_CHANGE),
    _LIFE.case(
        "change-check-list",
        _of_instance("changeInstanceCheck", productInfo=[_TARGET]),
        source=sources.V2_CHANGE,
        advised=True,
    ),
    _LIFE.case(
        "order-notify",
        calls(lambda factory: factory.notice({"orderId": ORDER, "orderLineId": LINE, "testFlag": "1"})),
        source=sources.V2_NOTICE,
        key="notify_key",
    ),
)
