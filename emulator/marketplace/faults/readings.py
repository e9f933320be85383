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

_ALL = (
    ("own-order-id", "a returned renewal comes under the order id of the renewal itself", "production 14"),
    ("fewer-on-repeats", "a repeated purchase leaves optional parameters out (version 1)", "production 2.1"),
    ("other-amount", "a repeated purchase names another amount (version 1)", "ours"),
    ("no-charging-mode", "a purchase does not say how it is charged (version 1)", "production 2.1"),
    ("line-later", "the first attempt of a purchase has no order line, the next ones have (version 2)", "ours"),
    ("line-numbers", "order lines are not numbered from 000001", "ours"),
    ("product-name", "the target of a change has a productName", "production 14"),
    ("product-list", "the target of a change is a list of one", "production 3.7"),
    ("check-with-order", "the question for a change names order and line", "production 3.7"),
    ("several-products", "a pay-per-use order has a second product, with an instance of its own", "production 2.1"),
    ("accessory", "an order line names a second product that comes with the first (version 2)", "production 3.10"),
    ("trial-of-metered", "pay-per-use can be tried, and bought afterwards without an end", "production 2.2"),
    ("impatient", "a renewal or upgrade does not wait for the one before it", "ours"),
    ("as-signed-first", "a retry is the first attempt byte for byte, true or not (version 1)", "production 13.3"),
    ("no-unfreeze", "after a renewal no UNFREEZE is sent (version 2)", "production 3.4"),
    ("frozen-again", "what a violation froze is frozen again after a renewal", "ours"),
    ("violators-renew", "what is frozen for a violation can be renewed, and stays frozen", "production 14"),
    ("strict-returns", "returns only within five days, ten a year: no seller has to approve", "production 10"),
    ("clock-off", "the marketplace's clock is up to 30 seconds wrong, always by as much", "production 4.4"),
    ("utc-expiry", "expireTime of version 1 is in UTC, as the seller has set", "production 13"),
    ("dead-host", "the first host of the open APIs does not exist any more", "metering 13"),
    ("bare-domain", "domainName comes without its scheme", "joint 1.2"),
    ("seventeen-digits", "expireTime has milliseconds (version 2)", "production 3.3"),
    ("no-order-on-expiry", "expireInstance comes without the order id (version 1)", "production 2.3"),
    ("flag-zero", "testFlag is 0 instead of absent", "production 2.1"),
    ("new-parameter", "there is a parameter that nobody knows yet", "production 12"),
    ("odd-values", "optional values of a paid order cannot be read (version 1)", "ours"),
    ("wrapped-base64", "base64 has line ends (version 1)", "ours"),
    ("seconds", "timestamps of all calls count seconds (version 2)", "production 4.4"),
    ("lower-case", "signatures are in lower case (version 2)", "production 4.4"),
)
ONLY_BY_HAND = ("bare-domain",)
"""Not for a sign-in server on this machine, which has no TLS."""
MOST_OFF = 30.0
"""Seconds: half of what the seller must accept."""
READINGS: Mapping[str, Switch] = MappingProxyType(
    {name: Switch(name, Where.READING, title, source) for name, title, source in _ALL}
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
