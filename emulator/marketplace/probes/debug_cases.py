"""The calls of the seller console's interface debugging, with the values it fills in, and which of them a product needs
before it may be put on sale (production interfaces, sections 1.1, 3.10 and 8).

Real buyers are not in them: ``testFlag`` is 1.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from emulator.marketplace.catalogue.products import ListedProduct
from emulator.marketplace.delivery.message_payloads import CHARGING
from emulator.marketplace.delivery.messages import Purpose
from emulator.order_ids import line_of
from emulator.wire.debug_fields import INSTANCE, ORDER, TARGET, UPGRADE, renewal
from emulator.wire.v1_fields import purchase
from shared.commands import Version
from shared.provisioning import Charging

NEW_ORDERS = {
    Charging.PERIOD: "MOCKPERIODYEARNEW",
    Charging.ONE_TIME: "MOCKONETIMENEW",
    Charging.ON_DEMAND: "MOCKONDEMAND",
    Charging.ON_DEMAND_PACKAGE: "MOCKONDEMANDPKG",
}

Members = Callable[[ListedProduct, str], Mapping[str, Any]]
"""The members for a product; the text is ``expireTime``, in a year."""
Applies = Callable[[ListedProduct], object]


class DebugCase(NamedTuple):
    """One call. ``offered``: for which products the console has it, ``needed``: which cannot be listed without."""

    name: str
    purpose: Purpose
    members: Members
    offered: Applies
    needed: Applies


def _sold(*charging: Charging) -> Applies:
    return lambda product: product.charging in charging


_ALWAYS, _NEVER = _sold(*Charging), _sold()
_TRIED, _PARAMETERISED = attrgetter("trial_days"), attrgetter("parameters")
_PERIOD = _sold(Charging.PERIOD)
_USED = _sold(Charging.ON_DEMAND, Charging.ON_DEMAND_PACKAGE)
_LASTING = _sold(Charging.PERIOD, Charging.ON_DEMAND, Charging.ON_DEMAND_PACKAGE)


def _upgraded(product: ListedProduct) -> bool:
    return len(product.plans) > 1


def _only(members: Mapping[str, Any]) -> Members:
    return lambda _product, _expires: members


def _of_instance(**more: Any) -> Members:
    return _only({"instanceId": INSTANCE, **more})


def _new(**more: Any) -> Members:
    def members(product: ListedProduct, expires: str) -> Mapping[str, Any]:
        bought = purchase(businessId=None, orderId=ORDER, customerName="debugging")
        ends = {"expireTime": expires} if product.plans[0].days else {}
        period = {"periodType": product.plans[0].period_type, "periodNumber": 1} if _PERIOD(product) else {}
        return {**bought, "chargingMode": CHARGING[product.charging], **ends, **period, **more}

    return members


def _extended(product: ListedProduct, expires: str) -> Mapping[str, Any]:
    parameters = [{"name": name, "value": value} for name, value in product.parameters]
    return {**_new()(product, expires), "extendParams": parameters}


def _renewal(**more: Any) -> Members:
    return lambda product, expires: renewal(expires, **{"periodType": product.plans[0].period_type, **more})


_V1: Sequence[DebugCase] = (
    DebugCase("new", Purpose.PURCHASE, _new(), _ALWAYS, _ALWAYS),
    DebugCase("new, trialFlag 0", Purpose.PURCHASE, _new(trialFlag=0), _PERIOD, _PERIOD),
    DebugCase("new, trialFlag 1", Purpose.PURCHASE, _new(trialFlag=1), _PERIOD, _PERIOD),
    DebugCase("new, extension parameters", Purpose.PURCHASE, _extended, _PARAMETERISED, _PARAMETERISED),
    DebugCase("renew", Purpose.RENEWAL, _renewal(), _PERIOD, _PERIOD),
    DebugCase("renew, no productId", Purpose.RENEWAL, _renewal(productId=None), _PERIOD, _PERIOD),
    DebugCase("renew, trialToFormal 1", Purpose.TRIAL_TO_FORMAL, _renewal(trialToFormal=1), _PERIOD, _PERIOD),
    DebugCase("expire", Purpose.EXPIRY, _of_instance(orderId=ORDER), _PERIOD, _PERIOD),
    DebugCase("release", Purpose.RELEASE, _of_instance(orderId=ORDER), _ALWAYS, _ALWAYS),
    DebugCase("upgrade", Purpose.UPGRADE, _of_instance(**UPGRADE), _upgraded, _upgraded),
    DebugCase("freeze", Purpose.FREEZE, _of_instance(instanceStatus="FREEZE"), _LASTING, _USED),
    DebugCase("unfreeze", Purpose.UNFREEZE, _of_instance(instanceStatus="NORMAL"), _LASTING, _USED),
    DebugCase("query", Purpose.QUERY, _of_instance(), _ALWAYS, _USED),
)


def _mock(order_id: str, **more: Any) -> dict[str, Any]:
    return {"orderId": order_id, "orderLineId": line_of(order_id), **more}


def _mock_new(product: ListedProduct, _expires: str) -> Mapping[str, Any]:
    return _mock(NEW_ORDERS[product.charging])


def _scene(scene: str, order_id: str) -> Members:
    return lambda _product, expires: _mock(order_id, instanceId=INSTANCE, scene=scene, expireTime=expires)


_FORMAL = _scene("TRIAL_TO_FORMAL", "MOCKMONTYTRIALTOFORMAL")
_RETURN = _scene("UNSUBSCRIBE_RENEWAL_PERIOD", "MOCKMONTYUNSUBSCRIBE")
_CHANGE = _scene("RENEWAL_CHANGE", "MOCKMONTYCHANGE")

_V2: Sequence[DebugCase] = (
    DebugCase("new", Purpose.PURCHASE, _mock_new, _ALWAYS, _ALWAYS),
    DebugCase("new, trial", Purpose.PURCHASE, _only(_mock("MOCKPERIODDAYTRIAL")), _TRIED, _TRIED),
    DebugCase("query", Purpose.QUERY, _of_instance(), _ALWAYS, _ALWAYS),
    DebugCase("renew", Purpose.RENEWAL, _scene("RENEWAL", "MOCKMONTYRENEW"), _PERIOD, _PERIOD),
    DebugCase("trial to formal", Purpose.TRIAL_TO_FORMAL, _FORMAL, _PERIOD, _TRIED),
    DebugCase("return of a renewal", Purpose.RETURN, _RETURN, _PERIOD, _NEVER),
    DebugCase("renewal with a change", Purpose.RENEWAL, _CHANGE, _PERIOD, _NEVER),
    DebugCase("freeze", Purpose.FREEZE, _of_instance(status="FREEZE"), _LASTING, _LASTING),
    DebugCase("unfreeze", Purpose.UNFREEZE, _of_instance(status="UNFREEZE"), _LASTING, _LASTING),
    DebugCase("release", Purpose.RELEASE, _of_instance(), _ALWAYS, _ALWAYS),
    DebugCase("release, unsubscribed", Purpose.RELEASE, _of_instance(**_mock("MOCKMONTYUNSUBSCRIBE")), _PERIOD, _NEVER),
    DebugCase("upgrade", Purpose.UPGRADE, _of_instance(**_mock("MOCKMONTYCHANGE")), _upgraded, _upgraded),
    DebugCase("change check", Purpose.CHANGE_CHECK, _of_instance(productInfo={**TARGET}), _PERIOD, _NEVER),
    DebugCase("order notice", Purpose.NOTICE, _mock_new, _ALWAYS, _NEVER),
)

CASES: Mapping[Version, Sequence[DebugCase]] = {Version.V1: _V1, Version.V2: _V2}
"""All there are. Upgrade, change check, order notice, the return of a renewal and version 1's query are optional but
where a product's own settings ask for them.
"""
