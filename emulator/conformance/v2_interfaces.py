"""Version 2: each interface in each of its forms (production interfaces, section 3)."""

from typing import Any

from emulator.conformance import sources
from emulator.conformance.call_factory import INSTANCE, LINE, ORDER, CallFactory
from emulator.conformance.case import Case, Play
from emulator.conformance.case_builders import CaseGroup, calls, v2
from emulator.conformance.v1_fields import MANY, many
from emulator.order_ids import business_id
from emulator.wire.v1_fields import OTHER_PRODUCT, OTHER_SKU

_LIFE = CaseGroup(
    "v2",
    "life",
    "access_key",
    sources.DEBUGGING,
    "The case belongs to what must be saved before a product is put on sale, and is run again twice a day.",
    "With testFlag=1 accept any order and instance, touch nothing, ask no order query, and answer 000000.",
)
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
    _LIFE.case("new", "newInstance", v2("newInstance", purchase), source=sources.V2_NEW),
    _LIFE.case(
        "new-again",
        "newInstance: the same order again, with another businessId",
        calls(*[lambda factory: factory.v2("newInstance", purchase(factory))] * 2),
        source=sources.V2_NEW,
        why="Debug calls must be repeatable: saved cases run twice a day for ever.",
        advice="With testFlag=1 keep nothing that makes the second call fail.",
    ),
    _LIFE.case("renew", "refreshInstance: RENEWAL", _scene("RENEWAL"), source=sources.V2_RENEWAL),
    _LIFE.case(
        "renew-no-product",
        "refreshInstance: productId absent",
        v2("refreshInstance", lambda factory: {k: v for k, v in renewal(factory).items() if k != "productId"}),
        source=sources.V2_RENEWAL,
        advice="productId is optional: do not insist on it.",
    ),
    _LIFE.case(
        "renew-formal", "refreshInstance: TRIAL_TO_FORMAL", _scene("TRIAL_TO_FORMAL", 365), source=sources.V2_RENEWAL
    ),
    _LIFE.case(
        "renew-returned",
        "refreshInstance: UNSUBSCRIBE_RENEWAL_PERIOD",
        _scene("UNSUBSCRIBE_RENEWAL_PERIOD", 365),
        source=sources.V2_RENEWAL,
        advice="Take expireTime as the new date, also if it is earlier than the present one.",
    ),
    _LIFE.case(
        "renew-change",
        "refreshInstance: RENEWAL_CHANGE",
        _scene("RENEWAL_CHANGE"),
        source=sources.V2_RENEWAL,
        advice="RENEWAL_CHANGE is newer than most samples: it follows a successful changeInstanceCheck.",
    ),
    _LIFE.case(
        "renew-milliseconds",
        "refreshInstance: expireTime with milliseconds",
        v2("refreshInstance", lambda factory: renewal(factory, expireTime=f"{factory.ordering.later_v2(730)}256")),
        source=sources.V2_RENEWAL,
        why="The table says yyyyMMddHHmmss, the sample on the same page has 17 digits.",
        advice="Accept 14 and 17 digits; both are UTC.",
    ),
    _LIFE.case(
        "freeze",
        "updateInstanceStatus: FREEZE",
        _of_instance("updateInstanceStatus", status="FREEZE"),
        source=sources.V2_STATUS,
    ),
    _LIFE.case(
        "unfreeze",
        "updateInstanceStatus: UNFREEZE",
        _of_instance("updateInstanceStatus", status="UNFREEZE"),
        source=sources.V2_STATUS,
    ),
    _LIFE.case(
        "release",
        "releaseInstance: unsubscribed",
        _of_instance("releaseInstance", orderId=ORDER, orderLineId=LINE),
        source=sources.V2_RELEASE,
    ),
    _LIFE.case(
        "release-expired",
        "releaseInstance: expired, without orderId",
        _of_instance("releaseInstance"),
        source=sources.V2_RELEASE,
        advice="orderId comes only if the buyer unsubscribed: do not insist on it.",
    ),
    _LIFE.case(
        "release-again",
        "releaseInstance: twice",
        calls(*[lambda factory: factory.v2("releaseInstance", {"instanceId": INSTANCE})] * 2),
        source=sources.V2_RELEASE,
        advice="A repeated release is a success: there is nothing left to do.",
    ),
    _LIFE.case(
        "upgrade",
        "upgradeInstance",
        _of_instance("upgradeInstance", orderId=ORDER, orderLineId=LINE),
        source=sources.V2_UPGRADE,
        advice="The activity is called upgradeInstance here and upgrade in version 1. Answer 000000 with testFlag=1.",
    ),
    _LIFE.case(
        "query",
        "queryInstance: one instance",
        v2("queryInstance", lambda _: {"instanceId": INSTANCE}, instances=(INSTANCE,)),
        source=sources.V2_QUERY,
        advice="With testFlag=1 describe any instanceId that is asked for, under that id.",
    ),
    _LIFE.case(
        "query-many",
        f"queryInstance: {MANY} instances, separated by commas",
        calls(
            lambda factory: factory.v2(
                "queryInstance", {"instanceId": ",".join(many(factory))}, instances=many(factory)
            ),
        ),
        source=sources.V2_QUERY,
        why="One call asks for up to 100 instances; the member is longer than the 100 characters its table says.",
        advice="Split instanceId at its commas, and give info one element for each id.",
    ),
    _LIFE.case(
        "change-check",
        "changeInstanceCheck: productInfo is an object",
        _of_instance("changeInstanceCheck", productInfo=_TARGET),
        source=sources.V2_CHANGE,
        advice="Serve changeInstanceCheck if buyers may change the product while renewing; with testFlag=1 agree.",
    ),
    _LIFE.case(
        "change-check-list",
        "changeInstanceCheck: productInfo is an array of one",
        _of_instance("changeInstanceCheck", productInfo=[_TARGET]),
        source=sources.V2_CHANGE,
        why="The page has no table for productInfo: nobody knows in which of the two forms it comes.",
        advice="Accept an object and an array of one object.",
        advised=True,
    ),
    _LIFE.case(
        "order-notify",
        "orderNotify",
        calls(lambda factory: factory.notice({"orderId": ORDER, "orderLineId": LINE, "testFlag": "1"})),
        source=sources.V2_NOTICE,
        key="notify_key",
        advice="orderNotify has an access key of its own: verify and sign with that one, and answer 000000.",
    ),
)
