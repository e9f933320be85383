"""Every fault that can be switched on, by id. What each is stands in ``texts/faults.toml``."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from emulator.marketplace.faults.switches import Switch, Switches, Where
from emulator.sign_in.api import TOKEN, UNAUTHORIZED, USERINFO
from emulator.wire.faults import EMPTY, NOTHING, UNKNOWN, Fault, FaultQueue

DUPLICATE, REPEATED_LATER, REPLAYED = "duplicate", "repeated-later", "replayed-bytes"
LATE, LOST, ANSWER_LOST = "late", "lost", "answer-lost"
OVERTAKEN = "overtaken"
SLOW_BODY, SLOW_READING, SKEWED = "slow-body", "slow-reading", "clock-skew"
DELIVERY = (
    *(DUPLICATE, REPEATED_LATER, REPLAYED, LATE, OVERTAKEN),
    *(LOST, ANSWER_LOST, SLOW_BODY, SLOW_READING, SKEWED),
)
"""What can happen to a genuine call."""

OLD_SIGNATURE, EARLY_SIGNATURE = "old-signature", "early-signature"
TRUNCATED, REPLAYED_NONCE = "truncated", "replayed-nonce"
_FORGED = (
    *("wrong-signature", "no-signature", "other-key", "altered"),
    *(TRUNCATED, OLD_SIGNATURE, EARLY_SIGNATURE, REPLAYED_NONCE),
)

HOST_HANGS, HOST_BREAKS, HOST_BAD_GATEWAY = "host-hangs", "host-breaks", "host-bad-gateway"

ORDER_FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "orders-internal-error": Fault(500, "MKT.0999"),
        "orders-throttled": Fault(406, "MKT.0250"),
        "orders-gateway-throttled": Fault(429, "APIGW.0308"),
        "orders-bad-gateway": Fault(502),
        "orders-unavailable": Fault(503),
        "orders-gateway-timeout": Fault(504, "APIGW.0201"),
        "orders-dropped": Fault(drop=True),
        "orders-slow": Fault(delay=1.5),
        "orders-too-slow": Fault(delay=15.0, drop=True),
        "orders-empty": Fault(part=EMPTY),
        "orders-unknown": Fault(part=UNKNOWN),
    }
)
"""What the order query can meet; nobody waits as long as the slowest takes while an order is to be answered."""

USAGE_FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "usage-throttled": Fault(code="0250"),
        "usage-gateway-throttled": Fault(429, "APIGW.0308"),
        "usage-internal-error": Fault(code="0999"),
        "usage-bad-gateway": Fault(502),
        "usage-unavailable": Fault(503),
        "usage-gateway-timeout": Fault(504, "APIGW.0201"),
        "usage-not-let-in": Fault(code="0154"),
        "usage-signature-refused": Fault(code="0102"),
        "usage-seller-status": Fault(code="94060010"),
        "usage-dropped": Fault(drop=True),
        "usage-answer-lost": Fault(lose=True),
        "usage-slow": Fault(delay=3.0),
        "usage-too-slow": Fault(delay=30.0, lose=True),
        "usage-some-unknown": Fault(part="001"),
        "usage-some-frozen": Fault(part="013"),
        "usage-some-refused": Fault(part="006", share=0.1),
        "usage-later": Fault(asynchronous=True),
        "usage-later-refused": Fault(asynchronous=True, part="006", share=0.1),
    }
)
"""What the usage API can meet; codes have no prefix."""

IDENTITY_FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "sign-in-unavailable": Fault(503),
        "sign-in-internal-error": Fault(500, "server_error"),
        "sign-in-dropped": Fault(drop=True),
        "sign-in-answer-lost": Fault(at=(TOKEN,), lose=True),
        "sign-in-slow": Fault(delay=2.0),
        "sign-in-too-slow": Fault(delay=15.0, drop=True),
        "sign-in-code-refused": Fault(400, "invalid_grant", "Invalid authorization code", at=(TOKEN,)),
        "sign-in-client-refused": Fault(401, "invalid_client", "Bad client credentials", at=(TOKEN,)),
        "sign-in-malformed": Fault(body='{"access_token": "'),
        "sign-in-empty": Fault(body="{}"),
        "sign-in-token-refused": Fault(401, "unauthorized", UNAUTHORIZED, at=(USERINFO,)),
    }
)
"""What the seller's server can meet at the sign-in server."""

_CALLED = {
    where: {name: replace(fault, name=name) for name, fault in faults.items()}
    for where, faults in ((Where.ORDERS, ORDER_FAULTS), (Where.USAGE, USAGE_FAULTS), (Where.SIGN_IN, IDENTITY_FAULTS))
}
_IDS: Mapping[Where, Iterable[str]] = {
    Where.DELIVERY: DELIVERY,
    Where.FORGED: _FORGED,
    Where.HOST: (HOST_HANGS, HOST_BREAKS, HOST_BAD_GATEWAY),
    **_CALLED,
}
FAULTS: Mapping[str, Switch] = MappingProxyType(
    {name: Switch(name, where) for where, names in _IDS.items() for name in names}
)
"""Of the marketplace."""
BACKEND: Mapping[str, Switch] = MappingProxyType({"backend-fails": Switch("backend-fails", Where.BACKEND)})
"""Of the seller's own backend, in a soak: a first attempt is in vain (000005), while later messages arrive."""


def by_switches(switches: Switches, queues: Mapping[Where, FaultQueue]) -> None:
    """From now on each call to what has a queue may meet what is switched on there, unless a fault waits for it."""
    for where, queue in queues.items():
        queue.chance = _chance(switches, where)


def _chance(switches: Switches, where: Where) -> Callable[[], Fault]:
    return lambda: NOTHING if (drawn := switches.drawn(where)) is None else _CALLED[where][drawn]
