"""What the marketplace tells the seller, and for how long it tries (production interfaces, sections 2, 3.8 and 3.9).

The seller console lists them as production interface messages; each can be restarted by hand.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from emulator.marketplace.storage.database import Document
from emulator.marketplace.storage.kept_text import KeptText
from shared.commands import Version

DELIVER, ASK = "deliver", "ask"
"""Tasks: to attempt a message, to ask after an instance that is being opened."""


class Purpose(StrEnum):
    """What a message is for."""

    PURCHASE = "purchase"
    RENEWAL = "renewal"
    TRIAL_TO_FORMAL = "trial to formal"
    RETURN = "return of a renewal"
    UPGRADE = "upgrade"
    EXPIRY = "expiry"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    RELEASE = "release"
    CHANGE_CHECK = "change check"
    QUERY = "query"
    NOTICE = "order notice"
    TENANT = "tenant"
    APPLICATION = "application"
    DEPARTMENT = "department"
    DEPARTMENTS = "all departments"
    USERS = "users"


class Schedule(NamedTuple):
    """``hours``: when it is tried, counted from the first time. ``refunds``: the order is paid back after the last."""

    hours: tuple[int, ...]
    refunds: bool = False

    def next_after(self, now: datetime, first: datetime) -> datetime | None:
        """When to try again; ``None``: never. Attempts between the hours, made by hand, take nothing away."""
        return next((first + timedelta(hours=hour) for hour in self.hours if first + timedelta(hours=hour) > now), None)


RENEWING = (Purpose.RENEWAL, Purpose.TRIAL_TO_FORMAL, Purpose.RETURN)
"""What ``refreshInstance`` tells."""
STATES = (Purpose.FREEZE, Purpose.UNFREEZE, Purpose.EXPIRY)
"""What an instance is from now on."""
THREE_HOURS = (0, 1, 2, 3)
_ONCE = Schedule((0,))
"""Organisation sync and questions: whoever clicked may click again (joint operation, section 1)."""

SCHEDULES: Mapping[Purpose, Schedule] = {
    **dict.fromkeys((Purpose.PURCHASE, Purpose.UPGRADE), Schedule(THREE_HOURS, refunds=True)),
    Purpose.NOTICE: Schedule(THREE_HOURS),
    **dict.fromkeys((*RENEWING, *STATES, Purpose.RELEASE), Schedule((0, 1))),
}

SYNC = (Purpose.TENANT, Purpose.APPLICATION, Purpose.DEPARTMENT, Purpose.DEPARTMENTS, Purpose.USERS)


def schedule(purpose: Purpose) -> Schedule:
    """How long a message of that purpose is tried."""
    return SCHEDULES.get(purpose, _ONCE)


class Delivery(StrEnum):
    WAITING = "waiting"
    """For its time, or for its next attempt."""
    OPENING = "opening"
    """Accepted with 000004: the marketplace asks until the instance is there (section 3.2)."""
    DELIVERED = "delivered"
    GIVEN_UP = "given up"


class Message(Document):
    """One call that has to arrive. ``fields`` are its members without what is made anew for each attempt: token, time
    stamp, nonce and ``businessId``; personal data in clear.

    ``about`` is the subscription, or the enterprise for organisation sync; ``instance_id`` what the seller called it
    when this was written. ``calls`` are numbers in the timeline. ``first_at``: a whole second, so that what is counted
    from there is due exactly then.
    """

    owned_by = "about"
    purpose: Purpose
    version: Version
    activity: str
    fields: Mapping[str, Any]
    about: str
    order_id: str = ""
    instance_id: str = ""
    state: Delivery = Delivery.WAITING
    attempts: int = 0
    created_at: datetime
    first_at: datetime | None = None
    next_at: datetime | None = None
    code: str = ""
    problem: KeptText = None
    calls: tuple[int, ...] = ()
    restarts: int = 0

    @property
    def sync(self) -> bool:
        """Is it one of organisation sync?"""
        return self.purpose in SYNC
