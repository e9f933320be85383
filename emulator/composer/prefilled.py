"""What stands in the fields of a call at first: the values of the checker, or those of a product of the seller's."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from emulator.composer.interfaces import ComposedInterface
from emulator.conformance import fields
from emulator.conformance.call_factory import CallFactory
from emulator.journey.own_products import ids_of, ordered, period_of, purchased
from emulator.marketplace.catalogue.products import ListedProduct, Plan
from emulator.wire.debug_fields import plain
from emulator.wire.sync_fields import BODIES, Body, users
from shared.commands import Version
from shared.provisioning import Charging, OrderType

_SYNC: Mapping[str, Body] = {**BODIES, "authSync": partial(users, number=1)}


def prefilled(factory: CallFactory, call: ComposedInterface) -> dict[str, str]:
    """The checker's values, as texts. A client secret stays empty where there is no public key to encrypt it with."""
    if call.sync:
        body = _SYNC[call.name]
        if call.name == "applicationSync" and not factory.keys.rsa_public_key:
            return {each.name: "" for each in call.fields} | {"flag": "1"}
        return _texts(body(call.version, factory.keys, factory.clock))
    return _texts(_plain(factory, call))


def _plain(factory: CallFactory, call: ComposedInterface) -> Mapping[str, Any]:
    first = call.version is Version.V1
    if call.name == "newInstance":
        return fields.yearly(factory) if first else fields.purchase_v2(factory)
    expires = factory.ordering.later(730) if first else factory.ordering.later_v2(730)
    return plain(call.version, expires)[call.name]


def of_product(factory: CallFactory, call: ComposedInterface, product: ListedProduct, plan: Plan) -> dict[str, str]:
    """What the fields say where the call is about a plan of a product: the checker's values for the rest. In version 2
    an order of it is placed in the factory's orders, where the order query finds it.
    """
    told = (
        _of_plan_v1(factory, call, product, plan)
        if call.version is Version.V1
        else _of_plan_v2(factory, call, product, plan)
    )
    known = {each.name for each in call.fields}
    return prefilled(factory, call) | {name: text for name, text in _texts(told).items() if name in known}


def _of_plan_v1(factory: CallFactory, call: ComposedInterface, product: ListedProduct, plan: Plan) -> Mapping[str, Any]:
    if call.name == "newInstance":
        unsaid = dict.fromkeys(("periodType", "periodNumber", "expireTime"), "")
        return unsaid | {"orderId": factory.ordering.order_id()} | purchased(factory.ordering, product, plan)
    if call.name == "upgrade":
        return {"orderId": factory.ordering.order_id(), "amount": plan.quantity, **ids_of(plan)}
    if call.name == "refreshInstance":
        ends = {"expireTime": factory.ordering.later(2 * plan.days), "orderAmount": plan.price}
        return {"orderId": factory.ordering.order_id(), "productId": plan.id, **ends, **period_of(product, plan)}
    return {}


_KINDS = {
    "newInstance": OrderType.NEW,
    "orderNotify": OrderType.NEW,
    "refreshInstance": OrderType.RENEW,
    "upgradeInstance": OrderType.CHANGE,
}


def _of_plan_v2(factory: CallFactory, call: ComposedInterface, product: ListedProduct, plan: Plan) -> Mapping[str, Any]:
    if call.name == "changeInstanceCheck":
        return {"productInfo": {**ids_of(plan), "linearValue": plan.quantity}}
    if call.name not in _KINDS:
        return {}
    renewed = call.name == "refreshInstance" and product.charging is Charging.PERIOD
    days = plan.days * (2 if renewed else 1)
    ids = ordered(factory.ordering, _KINDS[call.name], product, plan, days)
    ends = {"productId": plan.id, "expireTime": factory.ordering.later_v2(days)} if days else {}
    return {**ids, **ends}


def _texts(members: Mapping[str, Any]) -> dict[str, str]:
    return {name: _text(value) for name, value in members.items() if value is not None}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
