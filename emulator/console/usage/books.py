"""What the books of both sides say an instance used, and what became of it, in a time."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from emulator.console.console_context import ConsoleContext
from emulator.console.usage.days import KnownUse, UsedTime, days
from emulator.console.usage.used import HOUR, used
from emulator.openapi.usage.hours import Hour
from emulator.openapi.usage.record import moment


class Books:
    """Of the instance ``instance_id``: hours from ``first`` to ``last``, both included."""

    def __init__(self, shown: ConsoleContext, instance_id: str, first: datetime, last: datetime) -> None:
        self._shown, self._id, self._first, self._last = shown, instance_id, first, last
        self.used = self._used()
        self.hours: Sequence[Hour] = shown.usage.hours(instance_id, first, last) if shown.usage else []

    def days(self) -> Sequence[UsedTime]:
        """Those of Beijing on which anything happened, in order."""
        known = self.used if self.used or self._shown.seller else None
        return days(self.hours, KnownUse(known, self._waiting(), self._codes()))

    def _used(self) -> dict[datetime, Decimal]:
        """From the bundle's books; without them what the console told it."""
        if self._shown.seller:
            return dict(self._shown.seller.used_by_hour(self._id, self._first, self._last))
        told = used(self._shown.market.database, self._id)
        return {hour: each.value for hour, each in told.items() if self._within(hour)}

    def _waiting(self) -> dict[datetime, Decimal]:
        found = self._shown.seller.waiting() if self._shown.seller else ()
        mine = ((each.until - HOUR, each.value) for each in found if each.instance_id == self._id)
        return {hour: value for hour, value in mine if self._within(hour)}

    def _codes(self) -> dict[datetime, str]:
        found = self._shown.usage.records.abnormal(-1, None, self._id) if self._shown.usage else ()
        begun = ((moment(each.sent.begin_time), each.code) for each in found)
        return {at: code for at, code in begun if at and self._within(at)}  # a time that is none belongs to no day

    def _within(self, hour: datetime) -> bool:
        return self._first <= hour < self._last + HOUR
