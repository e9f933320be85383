"""Where the documents leave something open, the marketplace that we imagine is one of several they allow. Each other
reading is a switch: an emulator written by the hands that wrote the seller's side proves only what both believe.
"""

import random
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

from emulator.marketplace.faults.switches import Switch, Where, drawn

Holds = Callable[[str, str], bool]
"""Does a reading hold for what the second argument names?"""

_SOURCES = {
    "own-order-id": "production 14",
    "fewer-on-repeats": "production 2.1",
    "other-amount": "ours",
    "no-charging-mode": "production 2.1",
    "line-later": "ours",
    "line-numbers": "ours",
    "product-name": "production 14",
    "product-list": "production 3.7",
    "check-with-order": "production 3.7",
    "several-products": "production 2.1",
    "accessory": "production 3.10",
    "trial-of-metered": "production 2.2",
    "impatient": "ours",
    "as-signed-first": "production 13.3",
    "no-unfreeze": "production 3.4",
    "frozen-again": "ours",
    "violators-renew": "production 14",
    "strict-returns": "production 10",
    "clock-off": "production 4.4",
    "utc-expiry": "production 13",
    "dead-host": "metering 13",
    "bare-domain": "joint 1.2",
    "seventeen-digits": "production 3.3",
    "no-order-on-expiry": "production 2.3",
    "flag-zero": "production 2.1",
    "new-parameter": "production 12",
    "odd-values": "ours",
    "wrapped-base64": "ours",
    "seconds": "production 4.4",
    "lower-case": "production 4.4",
}
"""Where each comes from; what it is stands in ``texts/readings.toml``."""
ONLY_BY_HAND = ("bare-domain",)
"""Not for a sign-in server on this machine, which has no TLS."""
MOST_OFF = 30.0
"""Seconds: half of what the seller must accept."""
READINGS: Mapping[str, Switch] = MappingProxyType(
    {name: Switch(name, Where.READING, source) for name, source in _SOURCES.items()}
)
"""Every reading, by id."""


def plainly(_name: str, _key: str) -> bool:
    return False


def wrong_by(seed: int) -> timedelta:
    """How far the clock of that marketplace is off, if it is."""
    return timedelta(seconds=random.Random(f"{seed} clock").uniform(-MOST_OFF, MOST_OFF))  # noqa: S311 - as below


def held(name: str, seed: int, rates: Mapping[str, float]) -> bool:
    """Does a reading hold for the whole of a marketplace of that seed, which is not there yet?"""
    return drawn(name, seed) < rates.get(name, 0)


def mixed(seed: int) -> Mapping[str, float]:
    """How often each reading holds in a soak of that seed: from hardly ever to nearly always."""
    rng = random.Random(f"{seed} readings")  # noqa: S311 - to be repeatable is the point
    return {name: 0 if name in ONLY_BY_HAND else round(rng.random(), 2) for name in READINGS}
