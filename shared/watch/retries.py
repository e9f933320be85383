"""How long the marketplace repeats a call that fails, and what it counts (production interfaces, sections 2, 3.9, 8).

Where pages differ the shorter time stands here, so that nobody relies on a repeat that does not come.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from shared.clock import BEIJING

EVERY = timedelta(hours=1)
"""Between two attempts."""
NOT_REPEATED = timedelta(0)
REPEATED: Mapping[str, timedelta] = {
    "newInstance": timedelta(hours=3),
    "upgrade": timedelta(hours=3),
    "upgradeInstance": timedelta(hours=2),
    "orderNotify": timedelta(hours=3),
    "refreshInstance": timedelta(hours=1),
    "expireInstance": timedelta(hours=1),
    "instanceStatus": timedelta(hours=1),
    "updateInstanceStatus": timedelta(hours=1),
    "releaseInstance": timedelta(hours=1),
}
"""By ``activity``, from the first attempt on; then the seller must restart the message in the seller console. All
others are not repeated by themselves.
"""
ORDERS = frozenset({"newInstance", "refreshInstance", "upgrade", "upgradeInstance"})
"""Activities whose order fails if they are never answered with success."""
MOST_FAILED_ORDERS = 5
"""A month; with more, the product is delisted."""
MOST_FAILING_DAYS = 5
"""In a row on which a probe fails; then the product is hidden."""


def day_of(moment: datetime) -> str:
    """``2026-11-28``, in Beijing."""
    return f"{moment.astimezone(BEIJING):%Y-%m-%d}"


def repeats_left(activity: str, since: datetime, now: datetime) -> int:
    """How many more attempts the marketplace makes by itself, if ``since`` was the first one."""
    lasts = REPEATED.get(activity, NOT_REPEATED)
    return max(0, lasts // EVERY - max(0, (now - since) // EVERY))
