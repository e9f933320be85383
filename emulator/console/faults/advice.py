"""Which advice goes with which fault; the texts are in ``texts/faults.toml``."""

from collections.abc import Mapping

from emulator.marketplace.faults.forged_calls import FORGED_CALLS

_BY_ADVICE = {
    "once": ("duplicate", "repeated-later", "replayed-bytes"),
    "order": ("late", "overtaken"),
    "nothing": ("lost",),
    "again": ("answer-lost",),
    "patient": ("slow-body", "slow-reading"),
    "minute": ("clock-skew",),
    "refuse": tuple(FORGED_CALLS),
    "wait": (
        "orders-internal-error",
        "orders-bad-gateway",
        "orders-unavailable",
        "orders-gateway-timeout",
        "orders-dropped",
        "orders-slow",
        "orders-too-slow",
        "orders-empty",
        "orders-unknown",
    ),
    "slower": ("orders-throttled", "orders-gateway-throttled", "usage-throttled", "usage-gateway-throttled"),
    "same-record": (
        "usage-internal-error",
        "usage-bad-gateway",
        "usage-unavailable",
        "usage-gateway-timeout",
        "usage-dropped",
        "usage-answer-lost",
        "usage-slow",
        "usage-too-slow",
    ),
    "operator": ("usage-not-let-in", "usage-signature-refused", "usage-seller-status"),
    "some-again": ("usage-some-unknown", "usage-some-frozen"),
    "some-never": ("usage-some-refused",),
    "look": ("usage-later", "usage-later-refused"),
    "next-host": ("host-hangs", "host-breaks", "host-bad-gateway"),
    "try-later": (
        "sign-in-unavailable",
        "sign-in-internal-error",
        "sign-in-dropped",
        "sign-in-slow",
        "sign-in-too-slow",
        "sign-in-malformed",
        "sign-in-empty",
    ),
    "sign-in-again": ("sign-in-answer-lost", "sign-in-code-refused", "sign-in-token-refused"),
    "credentials": ("sign-in-client-refused",),
}
ADVICE: Mapping[str, str] = {fault: advice for advice, faults in _BY_ADVICE.items() for fault in faults}
"""Name of the advice, by the fault's id."""
