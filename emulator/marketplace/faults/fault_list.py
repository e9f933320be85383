"""Every fault that can be switched on, by id."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from emulator.marketplace.faults.switches import Switch, Switches, Where
from emulator.sign_in.api import TOKEN, UNAUTHORIZED, USERINFO
from emulator.wire.faults import EMPTY, NOTHING, UNKNOWN, Fault, FaultQueue

DUPLICATE, REPEATED_LATER, REPLAYED = "duplicate", "repeated-later", "replayed-bytes"
LATE, LOST, ANSWER_LOST = "late", "lost", "answer-lost"
OVERTAKEN = "overtaken"
SLOW_BODY, SLOW_READING, SKEWED = "slow-body", "slow-reading", "clock-skew"
DELIVERY: Mapping[str, str] = MappingProxyType(
    {
        DUPLICATE: "the same message twice at the same moment, each signed by itself",
        REPEATED_LATER: "the same message again minutes after it was done",
        REPLAYED: "exactly the same bytes once more",
        LATE: "held back for up to three hours, so that later messages overtake it",
        OVERTAKEN: "signed now, and seconds on its way: what is sent meanwhile arrives first",
        LOST: "lost on the way: the seller never sees it",
        ANSWER_LOST: "the answer is lost: the seller did it, the marketplace does not know",
        SLOW_BODY: "the call arrives in pieces",
        SLOW_READING: "the answer is read in pieces",
        SKEWED: "the marketplace's clock is up to 50 seconds wrong",
    }
)
"""What can happen to a genuine call."""

OLD_SIGNATURE, EARLY_SIGNATURE = "old-signature", "early-signature"
TRUNCATED, REPLAYED_NONCE = "truncated", "replayed-nonce"
_FORGED = {
    "wrong-signature": "a signature that does not fit",
    "no-signature": "no signature at all",
    "other-key": "signed with somebody else's key",
    "altered": "a parameter added after signing",
    TRUNCATED: "only half of the call arrives",
    OLD_SIGNATURE: "a signature three minutes old (version 2)",
    EARLY_SIGNATURE: "a signature of three minutes ahead (version 2)",
    REPLAYED_NONCE: "a nonce that stood for another call before (version 2)",
}

HOST_HANGS, HOST_BREAKS, HOST_BAD_GATEWAY = "host-hangs", "host-breaks", "host-bad-gateway"
_HOST = {
    HOST_HANGS: "the first host takes the call and says nothing",
    HOST_BREAKS: "the first host breaks the connection",
    HOST_BAD_GATEWAY: "the first host answers with a page (502)",
}

ORDER_FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "orders-internal-error": Fault(500, "MKT.0999", title="internal error of the marketplace (500)"),
        "orders-throttled": Fault(406, "MKT.0250", title="throttled by the marketplace (406)"),
        "orders-gateway-throttled": Fault(429, "APIGW.0308", title="throttled by the gateway (429)"),
        "orders-bad-gateway": Fault(502, title="bad gateway, a page instead of JSON (502)"),
        "orders-unavailable": Fault(503, title="service unavailable, a page instead of JSON (503)"),
        "orders-gateway-timeout": Fault(504, "APIGW.0201", title="the gateway gives up waiting (504)"),
        "orders-dropped": Fault(drop=True, title="the connection breaks"),
        "orders-slow": Fault(delay=1.5, title="the answer comes late"),
        "orders-too-slow": Fault(delay=15.0, drop=True, title="no answer in time"),
        "orders-empty": Fault(part=EMPTY, title="success without the order"),
        "orders-unknown": Fault(part=UNKNOWN, title="order unknown, as before it is replicated (500)"),
    }
)
"""What the order query can meet; nobody waits as long as the slowest takes while an order is to be answered."""

USAGE_FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "usage-throttled": Fault(code="0250", title="throttled by the marketplace (406)"),
        "usage-gateway-throttled": Fault(429, "APIGW.0308", title="throttled by the gateway (429)"),
        "usage-internal-error": Fault(code="0999", title="internal error of the marketplace (500)"),
        "usage-bad-gateway": Fault(502, title="bad gateway, a page instead of JSON (502)"),
        "usage-unavailable": Fault(503, title="service unavailable, a page instead of JSON (503)"),
        "usage-gateway-timeout": Fault(504, "APIGW.0201", title="the gateway gives up waiting (504)"),
        "usage-not-let-in": Fault(code="0154", title="token refused (401)"),
        "usage-signature-refused": Fault(code="0102", title="signature refused though it is right (400)"),
        "usage-seller-status": Fault(code="94060010", title="the seller's status is invalid (401)"),
        "usage-dropped": Fault(drop=True, title="the connection breaks before anything has happened"),
        "usage-answer-lost": Fault(lose=True, title="records are taken, the answer is lost"),
        "usage-slow": Fault(delay=3.0, title="the answer comes late"),
        "usage-too-slow": Fault(delay=30.0, lose=True, title="records are taken, no answer in time"),
        "usage-some-unknown": Fault(
            part="001", title="some records refused: instance unknown, as before it is replicated"
        ),
        "usage-some-frozen": Fault(part="013", title="some records refused: instance frozen"),
        "usage-some-refused": Fault(
            part="006", share=0.1, title="some records refused for good: product off the shelf"
        ),
        "usage-later": Fault(asynchronous=True, title="records are received and looked at later"),
        "usage-later-refused": Fault(
            asynchronous=True, part="006", share=0.1, title="records are received, some refused for good later"
        ),
    }
)
"""What the usage API can meet; codes have no prefix."""

IDENTITY_FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "sign-in-unavailable": Fault(503, title="service unavailable, a page instead of JSON (503)"),
        "sign-in-internal-error": Fault(500, "server_error", title="internal error (500)"),
        "sign-in-dropped": Fault(drop=True, title="the connection breaks before anything has happened"),
        "sign-in-answer-lost": Fault(
            at=(TOKEN,), lose=True, title="the code or refresh token is spent, the answer with the tokens is lost"
        ),
        "sign-in-slow": Fault(delay=2.0, title="the answer comes late"),
        "sign-in-too-slow": Fault(delay=15.0, drop=True, title="no answer in time"),
        "sign-in-code-refused": Fault(
            400, "invalid_grant", "Invalid authorization code", at=(TOKEN,), title="code or refresh token refused (400)"
        ),
        "sign-in-client-refused": Fault(
            401, "invalid_client", "Bad client credentials", at=(TOKEN,), title="client id and secret refused (401)"
        ),
        "sign-in-malformed": Fault(body='{"access_token": "', title="JSON that breaks off"),
        "sign-in-empty": Fault(body="{}", title="JSON without the members that are needed"),
        "sign-in-token-refused": Fault(
            401, "unauthorized", UNAUTHORIZED, at=(USERINFO,), title="access token refused (401)"
        ),
    }
)
"""What the seller's server can meet at the sign-in server."""

_CALLED = {Where.ORDERS: ORDER_FAULTS, Where.USAGE: USAGE_FAULTS, Where.SIGN_IN: IDENTITY_FAULTS}
_TITLES: Mapping[Where, Mapping[str, str]] = {
    Where.DELIVERY: DELIVERY,
    Where.FORGED: _FORGED,
    Where.HOST: _HOST,
    **{where: {name: fault.title for name, fault in faults.items()} for where, faults in _CALLED.items()},
}
FAULTS: Mapping[str, Switch] = MappingProxyType(
    {name: Switch(name, where, title) for where, titles in _TITLES.items() for name, title in titles.items()}
)
"""Of the marketplace."""
BACKEND: Mapping[str, Switch] = MappingProxyType(
    {
        name: Switch(name, Where.BACKEND, "the seller's backend fails: the call is answered with 000005")
        for name in ("backend-fails",)
    }
)
"""Of the seller's own backend, in a soak: a first attempt is in vain, while later messages arrive."""


def by_switches(switches: Switches, queues: Mapping[Where, FaultQueue]) -> None:
    """From now on each call to what has a queue may meet what is switched on there, unless a fault waits for it."""
    for where, queue in queues.items():
        queue.chance = _chance(switches, where)


def _chance(switches: Switches, where: Where) -> Callable[[], Fault]:
    return lambda: NOTHING if (drawn := switches.drawn(where)) is None else _CALLED[where][drawn]
