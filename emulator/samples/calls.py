"""One call per interface and protocol version, as the marketplace sends it, and one of the seller's application: the
sample events of ``events/``.

All but one are debug calls, which need nothing to be there before. Version 1's purchase is a real one.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import NamedTuple

from emulator.keys import SETTINGS, key_name
from emulator.wire.calls import V1Calls, V2Calls
from emulator.wire.debug_fields import INSTANCE, ORDER, ORDERED, plain
from emulator.wire.v1_fields import YEARLY, contact, purchase
from functions.gateway import MODULES
from shared.clock import Clock
from shared.commands import Version
from shared.http import HttpRequest
from shared.protocol.field_cipher import FieldCipher

BUSINESS = "03pf80c2bae96vc49b80b917bea776d7"
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


def _version_1(key: str, clock: Clock) -> Iterator[Sample]:
    call, expires = V1Calls(key, clock).call, _in_a_year(clock)
    fresh = {"businessId": BUSINESS, "orderId": ORDER, "customerId": CUSTOMER, "expireTime": expires, "amount": 10}
    new = call("newInstance", **purchase(**fresh, **contact(FieldCipher((key,))), **YEARLY))
    yield Sample("purchase-v1", "purchase", new, key)
    for activity, members in plain(Version.V1, expires).items():
        yield _sample(activity, Version.V1, call(activity, testFlag=1, **members), key)


def _version_2(settings: Mapping[str, str], clock: Clock) -> Iterator[Sample]:
    members = {"newInstance": {**ORDERED, "businessId": BUSINESS}, **plain(Version.V2, _in_a_year(clock))}
    for activity, each in members.items():
        key = settings[SETTINGS[key_name(Version.V2, activity)]]
        yield _sample(activity, Version.V2, V2Calls(key, clock).call(activity, testFlag="1", **each), key)


def _sample(activity: str, version: Version, request: HttpRequest, key: str) -> Sample:
    return Sample(f"{MODULES[activity]}-{version}", MODULES[activity], request, key)


def _in_a_year(clock: Clock) -> str:
    return f"{clock.now() + timedelta(days=365):%Y%m%d%H%M%S}"
