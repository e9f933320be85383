"""The ledger: used = sum of events, billed = sum of records, and what is due is the difference.

Records of an instance are sealed one after the other through its *account*, one small item. Sealing writes the whole
record into the account first (``pending``), in the same conditional write that moves its amount from "used" to
"billed"; then the record itself is created. Whoever dies in between, or overtakes another run, creates the pending
record first::

    account  v7 {total 10, carry 0.00003}             another run
      │ events of the slot say 2.5 more                 │ the same
      ▼                                                 ▼
    replace if v7: {total 12.5, pending: record}      replace if v7 ──► stale: reads again, creates the
      │                                                 pending record (same content), finds nothing due
      ▼
    create the record (exists: it is the same one)

So each amount is moved once, a record has one content for ever, and a late event simply makes something due again.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from shared.clock import Clock
from shared.metering.accounts import ZERO, Account, Accounts
from shared.metering.amounts import portions
from shared.metering.events import UsageEvents
from shared.metering.packages import allocated, owed
from shared.metering.records import Record, Records
from shared.metering.room import TIME_RANGE, Room
from shared.metering.slots import Slot, earliest, from_key
from shared.metering.windows import Window, stretch
from shared.provisioning import Package
from shared.store.table import Exists, Stale, Table

FROM = "from#"
LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Meter:
    """What metering must know of an instance.

    ``closed_at``: when it was released. ``stopped_at``: when it was released or frozen; nothing is used after that.
    ``pauses``: from and until when it was frozen before; it was used right before the one and from the other on.
    ``daily``: its slots are days. ``product_id``: for the old usage API.
    """

    instance_id: str
    started_at: datetime
    closed_at: datetime | None = None
    stopped_at: datetime | None = None
    daily: bool = False
    product_id: str | None = None
    packages: tuple[Package, ...] = ()
    pauses: tuple[tuple[datetime, datetime], ...] = ()

    def stretch(self, slot: Slot, now: datetime) -> Window | None:
        """The part of a slot that records of now may carry: within the instance's life, over, and young enough to be
        billed (section 2.4).
        """
        begin, end = max(self.started_at, earliest(now)), min(self.closed_at or now, now)
        return stretch(slot, begin, end)


class Ledger:
    def __init__(self, table: Table, events: UsageEvents, records: Records, clock: Clock) -> None:
        self._table, self._events, self._records, self._clock = table, events, records, clock
        self._accounts = Accounts(table)

    def account(self, instance_id: str) -> Account:
        """The account of an instance; an empty one if nothing was sealed yet."""
        return self._accounts.get(instance_id)

    def seal(self, meter: Meter, slot: Slot) -> list[Record]:
        """Seal what is due for ``slot``: the new records, for each package and for what is in none as many as it takes.

        What no window is left for becomes one record that is dead.
        """
        while True:
            try:
                return self._seal(meter, slot)
            except (Stale, Exists):
                continue

    def succeed(self, meter: Meter | None, record: Record) -> Record:
        """The record, stored, that takes over from one whose window was refused: the same one however often it is asked
        for. It is dead if no window is left. ``meter`` is ``None`` if the instance is none that can be billed.
        """
        while True:
            try:
                return self._succeed(meter, record)
            except (Stale, Exists):
                continue

    def _seal(self, meter: Meter, slot: Slot) -> list[Record]:
        account = self._settled(meter.instance_id)
        before = self._records.of_slot(meter.instance_id, slot) if account.has_sealed(slot) else []
        now = self._clock.now()
        room = Room(slot, meter.stretch(slot, now), before, now)
        due = deque(self._due(meter, slot, _sealed(before), account))
        sealed: list[Record] = []
        while due:
            parts = sum(portions(exact, account.carried(package)) for package, exact in due)
            package, exact = due.popleft()
            record = room.record(meter.instance_id, meter.product_id, package, exact, account.carried(package), parts)
            if record.exact < exact:
                due.appendleft((package, exact - record.exact))
            latest, account = account.pending, self._accounts.put(account.charged(record, slot))
            self._tell_package(record, account)
            sealed.append(self._records.create(record, after=latest))
        return sealed

    def _succeed(self, meter: Meter | None, record: Record) -> Record:
        account = self._settled(record.instance_id)
        slot, now = from_key(record.slot), self._clock.now()
        records = self._records.of_slot(record.instance_id, slot)
        for other in records:
            if (other.number, other.repair) == (record.number, record.repair + 1):
                return other
        room = Room(slot, meter.stretch(slot, now) if meter else None, records, now)
        last_use = self._events.last_use(record.instance_id, slot) if record.code == TIME_RANGE else None
        successor = room.successor(record, last_use)
        self._accounts.put(replace(account, pending=successor))
        return self._records.create(successor)

    def _settled(self, instance_id: str) -> Account:
        """The account, with its pending record stored. Who changes it from here decides alone, and knows of every
        window that was ever given away.
        """
        account = self.account(instance_id)
        if account.pending is not None:
            self._records.ensure(account.pending)
        return account

    def _tell_package(self, record: Record, account: Account) -> None:
        """Note at the package what it was used for, so that a query for the package finds it."""
        if record.package is not None:
            used, until = format(account.total[record.package], "f"), (account.until or record.end).isoformat()
            self._table.put_many(
                [{"pk": record.package, "sk": f"{FROM}{record.instance_id}", "used": used, "until": until}]
            )

    def used_of(self, package_id: str) -> list[tuple[str, Decimal, datetime]]:
        """(pay-per-use instance id, amount, until when) for each instance that drew on a package."""
        page = self._table.query(package_id, first=FROM, last=FROM + LAST, limit=100)
        return [
            (item["sk"].removeprefix(FROM), Decimal(item["used"]), datetime.fromisoformat(item["until"]))
            for item in page.items
        ]

    def waiting(self, meter: Meter, slot: Slot) -> Decimal:
        """What was used in ``slot`` and is in no record: because it is new, or because no package holds it."""
        before = _sealed(self._records.of_slot(meter.instance_id, slot))
        return sum(self._unbilled(meter, slot, before).values(), ZERO)

    def _unbilled(self, meter: Meter, slot: Slot, before: list[Record]) -> dict[str | None, Decimal]:
        due: dict[str | None, Decimal] = {}
        for package, value in self._events.values(meter.instance_id, slot):
            due[package] = due.get(package, ZERO) + value
        for record in before:
            due[record.package] = due.get(record.package, ZERO) - record.exact
        return due

    def _due(
        self, meter: Meter, slot: Slot, before: list[Record], account: Account
    ) -> Sequence[tuple[str | None, Decimal]]:
        due = self._unbilled(meter, slot, before)
        if meter.packages:
            named = {package for package in due if package is not None}
            return allocated(sum(due.values(), ZERO), meter.packages, account.total, named)
        return owed(due)


def _sealed(records: Sequence[Record]) -> list[Record]:
    """Those that took an amount off the events; the others took over from them."""
    return [record for record in records if record.repair == 0]
