"""One call per interface and protocol version, as the marketplace sends it, and one of the seller's application: the
sample events of ``events/``.

All but one are debug calls, which need nothing to be there before. Version 1's purchase is a real one.
"""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from emulator.wire.calls import V1Calls, V2Calls
from emulator.wire.debug_fields import LINE, ORDER
from emulator.wire.v1_fields import ONE_YEAR, SKU, YEARLY, contact, purchase
from emulator.wire.v1_fields import OTHER_PRODUCT as PRODUCT
from shared.clock import Clock
from shared.http import HttpRequest
from shared.protocol.field_cipher import FieldCipher

BUSINESS, INSTANCE = "03pf80c2bae96vc49b80b917bea776d7", "63f2ba3d0a7e4f5bb6f0f0e1d3c6a5b4"
CUSTOMER = "688055390f3049f283fe9f1aa90f7858"


class Sample(NamedTuple):
    """A call, to be answered with success.

    ``interface`` is the function that serves it, ``key`` what signed it and must sign the answer.
    """

    name: str
    interface: str
    request: HttpRequest
    key: str


def samples(settings: Mapping[str, str], clock: Clock) -> list[Sample]:
    """All of the production interfaces, signed now with the keys in ``settings``."""
    return [*_version_1(settings["KOOGALLERY_KEY"], clock), *_version_2(settings, clock)]


def usage(clock: Clock) -> str:
    """What the application posts or sends to the queue: an event of an instance that nobody has bought, just now."""
    time = clock.now().isoformat(timespec="seconds")
    return json.dumps({"events": [{"id": "event-1", "instanceId": INSTANCE, "time": time, "value": "1.5"}]})


def usage_call(settings: Mapping[str, str], clock: Clock) -> HttpRequest:
    """The application's call of the intake."""
    headers = {"authorization": f"Bearer {settings['KOOGALLERY_APP_TOKEN']}", "content-type": "application/json"}
    return HttpRequest("POST", "/saas/usage", (), headers, usage(clock).encode())


def _version_1(key: str, clock: Clock) -> list[Sample]:
    call = V1Calls(key, clock).call
    expires = f"{clock.now() + timedelta(days=365):%Y%m%d%H%M%S}"
    bought: dict[str, Any] = {"productId": PRODUCT, "skuCode": SKU, "amount": 10}
    fresh = {"businessId": BUSINESS, "orderId": ORDER, "customerId": CUSTOMER, "expireTime": expires}
    new = call("newInstance", **purchase(**fresh, **contact(FieldCipher((key,))), **YEARLY, **bought))
    renewal = {"orderId": ORDER, "productId": PRODUCT, "expireTime": expires, **ONE_YEAR}

    def debug(activity: str, **parameters: str | int | None) -> HttpRequest:
        return call(activity, instanceId=INSTANCE, testFlag=1, **parameters)

    return [
        Sample("purchase-v1", "purchase", new, key),
        Sample("renew-v1", "renew", debug("refreshInstance", trialToFormal=0, **renewal), key),
        Sample("expire-v1", "expire", debug("expireInstance", orderId=ORDER), key),
        Sample("release-v1", "release", debug("releaseInstance", orderId=ORDER), key),
        Sample("upgrade-v1", "upgrade", debug("upgrade", orderId=ORDER, **bought), key),
        Sample("status-v1", "status", debug("instanceStatus", instanceStatus="FREEZE"), key),
        Sample("query-v1", "query", debug("queryInstance"), key),
    ]


def _version_2(settings: Mapping[str, str], clock: Clock) -> list[Sample]:
    key, notify_key = settings["KOOGALLERY_ACCESS_KEY"], settings["KOOGALLERY_NOTIFY_ACCESS_KEY"]
    call, notify = _debug(V2Calls(key, clock)), _debug(V2Calls(notify_key, clock))
    expires = f"{clock.now() + timedelta(days=365):%Y%m%d%H%M%S}"
    order: dict[str, Any] = {"orderId": ORDER, "orderLineId": LINE}
    instance: dict[str, Any] = {"instanceId": INSTANCE}
    renewal = order | instance | {"scene": "RENEWAL", "productId": PRODUCT, "expireTime": expires}
    target = {"productInfo": {"productId": PRODUCT, "skuCode": SKU, "linearValue": "20"}}
    return [
        Sample("purchase-v2", "purchase", call("newInstance", order | {"businessId": BUSINESS}), key),
        Sample("renew-v2", "renew", call("refreshInstance", renewal), key),
        Sample("release-v2", "release", call("releaseInstance", order | instance), key),
        Sample("upgrade-v2", "upgrade", call("upgradeInstance", order | instance), key),
        Sample("status-v2", "status", call("updateInstanceStatus", instance | {"status": "FREEZE"}), key),
        Sample("query-v2", "query", call("queryInstance", instance), key),
        Sample("change_check-v2", "change_check", call("changeInstanceCheck", instance | target), key),
        Sample("order_notify-v2", "order_notify", notify("orderNotify", order), notify_key),
    ]


def _debug(calls: V2Calls) -> Callable[[str, Mapping[str, Any]], HttpRequest]:
    return lambda activity, members: calls.call(activity, testFlag="1", **members)
