"""The room that a slot has for records, pure: each gets a window of its own, and carries no more than one may."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from shared.metering.amounts import portion
from shared.metering.records import Record, RecordState
from shared.metering.slots import Slot, earliest
from shared.metering.windows import Window, free, narrowed
from shared.usage_limits import sendable

TIME_RANGE = "011"
"""A window is not within the instance's life (section 2.6): it may have been closed before we are told."""
TOO_LATE, NO_WINDOW = "too late", "no window"
"""Why a record cannot be sent: its time lies too far back, or every begin and end there is has been given away."""


class Room:
    """What ``records``, all of a slot, have left of it. ``within``: the part that records of ``now`` may carry."""

    def __init__(self, slot: Slot, within: Window | None, records: Sequence[Record], now: datetime) -> None:
        self._slot, self._within, self._now = slot, within, now
        # What is carried is never sent, so its window is free.
        self._taken = {Window(each.begin, each.end) for each in records if each.state is not RecordState.CARRIED}
        self._number = sum(each.repair == 0 for each in records)

    def record(  # noqa: PLR0917 - all of it is the record
        self, instance_id: str, product_id: str | None, package: str | None, exact: Decimal, carry: Decimal, parts: int
    ) -> Record:
        """A new record of as much of ``exact`` as it can carry, the first of about ``parts`` that are wanted; of all of
        it, and dead, if no window is left. One that can be sent counts as sent: its first attempt is on file with it.
        """
        window = self._within and free(self._within, self._taken, parts)
        exact = portion(exact, carry) if window else exact
        value = sendable(exact + carry)
        state = RecordState.CARRIED if value == 0 else RecordState.SENT if window else RecordState.DEAD
        if window and state is RecordState.SENT:
            self._taken.add(window)
        self._number += 1
        return Record(
            instance_id=instance_id,
            slot=self._slot.key,
            number=self._number - 1,
            repair=0,
            begin=window.begin if window else self._slot.begin,
            end=window.end if window else self._slot.end,
            value=value,
            exact=exact,
            package=package,
            product_id=product_id,
            state=state,
            sealed_at=self._now,
            attempts=int(state is RecordState.SENT),
            code=self._reason if state is RecordState.DEAD else None,
        )

    def successor(self, record: Record, last_use: datetime | None) -> Record:
        """What takes over from a record that was refused for its window; if for its end, as soon after ``last_use`` as
        may be. Dead if no window is left.
        """
        window = None
        if self._within and last_use:
            window = free(narrowed(self._within, last_use, record.repair + 1), self._taken)
        if self._within and window is None:
            window = free(self._within, self._taken)
        return record.repaired(window, self._now, self._reason)

    @property
    def _reason(self) -> str:
        return TOO_LATE if self._slot.end <= earliest(self._now) else NO_WINDOW
