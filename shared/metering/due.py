"""What is due for slots and which records that makes, pure: through the account of the instance."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from shared.metering.accounts import ZERO, Account
from shared.metering.amounts import portions
from shared.metering.meter import Wanted
from shared.metering.packages import allocated, owed
from shared.metering.records import Record
from shared.metering.room import Room

MOST_PENDING = 50
"""Records in an account: about 20 KB."""


@dataclass(frozen=True, slots=True)
class Known(Wanted):
    """A slot with what is stored about it: the sums of its events by package, and its records."""

    used: Mapping[str | None, Decimal]
    before: Sequence[Record]


def charged(account: Account, slots: Sequence[Known], now: datetime) -> tuple[Account, Sequence[Known]]:
    """The account with the records that are to be sealed for ``slots``, and the slots that have to wait because it
    holds no more.
    """
    account = replace(account, pending=())
    for index, known in enumerate(slots):
        meter = known.meter
        room = Room(known.slot, meter.stretch(known.slot, now), known.before, now)
        due = deque(_due(known, account))
        while due:
            if len(account.pending) == MOST_PENDING:
                return account, slots[index:]
            parts = sum(portions(exact, account.carried(package)) for package, exact in due)
            package, exact = due.popleft()
            carry = account.carried(package)
            record = room.record(meter.instance_id, meter.product_id, package, exact, carry, parts)
            if record.exact < exact:
                due.appendleft((package, exact - record.exact))
            account = account.charged(record, known.slot)
    return account, ()


def unbilled(used: Mapping[str | None, Decimal], before: Sequence[Record]) -> dict[str | None, Decimal]:
    """What was used and is in no record, by package."""
    due = dict(used)
    for record in before:
        if record.repair == 0:  # the others took over from one that took its amount off the events
            due[record.package] = due.get(record.package, ZERO) - record.exact
    return due


def _due(known: Known, account: Account) -> Sequence[tuple[str | None, Decimal]]:
    due, packages = unbilled(known.used, known.before), known.meter.packages
    if packages:
        named = {package for package in due if package is not None}
        return allocated(sum(due.values(), ZERO), packages, account.total, named)
    return owed(due)
