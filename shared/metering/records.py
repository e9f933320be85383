"""Billing records: what a slot of an instance is billed with. Content never changes; only how far its upload has come
does.

    SEALED ──► SENT ──► ACCEPTED
                 │  ├──► HELD      try again later (throttled, instance not known yet, frozen)
                 │  ├──► REPLACED  this window or id is burnt; a record with the same value and another window took over
                 │  └──► DEAD      cannot be billed any more; kept, counted and alarmed
    CARRIED: less than 0.0001 in all; nothing to send, the amount went on to the next record
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from shared.metering.windows import Window
from shared.usage_limits import time_text

NAMESPACE = UUID("3b0f5d0e-6c4e-4b43-9a55-7a6c1c2f8f11")


class RecordState(StrEnum):
    """How far the upload of a record has come."""

    SEALED = "SEALED"
    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    HELD = "HELD"
    REPLACED = "REPLACED"
    DEAD = "DEAD"
    CARRIED = "CARRIED"


OPEN = (RecordState.SEALED, RecordState.SENT, RecordState.HELD)


@dataclass(frozen=True, slots=True)
class Record:
    """One billing record (metering and open APIs, section 2.3).

    ``exact`` is what it takes off the slot's events, ``value`` what is sent: at most 4 decimals, the difference is
    carried. ``number`` counts a slot's records, ``repair`` the replacements of one. ``attempts`` > 0: it may have
    reached the marketplace. ``code`` is the latest refusal, ``held_since`` when it was refused so for the first time.
    """

    instance_id: str
    slot: str
    number: int
    repair: int
    begin: datetime
    end: datetime
    value: Decimal
    exact: Decimal
    package: str | None
    product_id: str | None
    state: RecordState
    sealed_at: datetime
    attempts: int = 0
    retry_at: datetime | None = None
    code: str | None = None
    held_since: datetime | None = None
    version: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """Partition and sort key."""
        return f"{self.instance_id}#{self.slot}", f"{self.number:05d}.{self.repair:03d}"

    @property
    def is_untouched(self) -> bool:
        """Has nobody but the run that sealed it tried to send it?"""
        return self.state in (RecordState.SEALED, RecordState.SENT) and self.attempts <= 1

    @property
    def day(self) -> str:
        """The UTC day in which its slot begins: ``20261120``."""
        return self.slot[:8]

    @property
    def metering_sn(self) -> str:
        """The record's unique id, the same at each attempt: made of what makes it unique."""
        return uuid5(NAMESPACE, f"{self.instance_id}/{time_text(self.begin)}-{time_text(self.end)}").hex

    def attempted(self) -> "Record":
        """With one more attempt to send it."""
        return replace(self, state=RecordState.SENT, attempts=self.attempts + 1)

    def members(self) -> dict[str, Any]:
        """As JSON members: moments in ISO 8601, amounts as text."""
        return {
            "instance_id": self.instance_id,
            "slot": self.slot,
            "number": self.number,
            "repair": self.repair,
            "begin": self.begin.isoformat(),
            "end": self.end.isoformat(),
            "value": str(self.value),
            "exact": str(self.exact),
            "package": self.package,
            "product_id": self.product_id,
            "state": self.state.value,
            "sealed_at": self.sealed_at.isoformat(),
            "attempts": self.attempts,
            "retry_at": self.retry_at and self.retry_at.isoformat(),
            "code": self.code,
            "held_since": self.held_since and self.held_since.isoformat(),
            "version": self.version,
        }

    def repaired(self, window: Window | None, now: datetime, reason: str) -> "Record":
        """What takes over when this one is refused for its window; ``DEAD``, for ``reason``, if there is no other."""
        unsent = replace(self, attempts=0, retry_at=None, code=None, held_since=None)
        fresh = replace(unsent, repair=self.repair + 1, sealed_at=now, version=0)
        if window is None:
            return replace(fresh, state=RecordState.DEAD, code=reason)
        return replace(fresh, state=RecordState.SEALED, begin=window.begin, end=window.end)


def record_of(members: Mapping[str, Any]) -> Record:
    """The record with these members, as :meth:`Record.members` gives them."""
    moment = datetime.fromisoformat
    return Record(
        instance_id=members["instance_id"],
        slot=members["slot"],
        number=members["number"],
        repair=members["repair"],
        begin=moment(members["begin"]),
        end=moment(members["end"]),
        value=Decimal(members["value"]),
        exact=Decimal(members["exact"]),
        package=members["package"],
        product_id=members["product_id"],
        state=RecordState(members["state"]),
        sealed_at=moment(members["sealed_at"]),
        attempts=members["attempts"],
        retry_at=moment(members["retry_at"]) if members["retry_at"] else None,
        code=members["code"],
        held_since=moment(members["held_since"]) if members["held_since"] else None,
        version=members["version"],
    )
