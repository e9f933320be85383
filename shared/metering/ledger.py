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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal

from pydantic import TypeAdapter

from shared.clock import Clock
from shared.metering.events import UsageEvents
from shared.metering.packages import allocated, owed
from shared.metering.records import Record, Records, State
from shared.metering.slots import LATE_LIMIT, SECOND, Slot, Window, window
from shared.provisioning import Package
from shared.store.table import WHOLE, Exists, Item, Stale, Table

PLACES = Decimal("0.0001")
ACCOUNT = "account"
FROM = "from#"
LAST = "\U0010ffff"
MARGIN = 600 * SECOND
"""Distance kept from the 21-day limit, so that a record does not cross it on its way."""


@dataclass(frozen=True, slots=True)
class Meter:
    """What metering must know of an instance.

    ``closed_at``: when it was released. ``stopped_at``: when it was released or frozen; nothing is used after that.
    ``daily``: its slots are days. ``product_id``: for the old usage API.
    """

    instance_id: str
    started_at: datetime
    closed_at: datetime | None = None
    stopped_at: datetime | None = None
    daily: bool = False
    product_id: str | None = None
    packages: tuple[Package, ...] = ()

    def window(self, slot: Slot, number: int, repair: int, now: datetime) -> Window | None:
        """The window of a slot's record, as :func:`shared.metering.slots.window`, while it can still be billed."""
        earliest = now - LATE_LIMIT + MARGIN
        return window(slot, number, repair, started_at=self.started_at, closed_at=self.closed_at, earliest=earliest)


@dataclass(frozen=True, slots=True)
class Account:
    """Running totals of an instance, by package; ``-`` is what was taken from none.

    ``total`` = all amounts sealed so far, exact. ``carry`` = what of that is in no record yet, always below 0.0001.
    ``until`` is the end of the latest slot sealed, so a slot that ends later has no record yet.
    """

    instance_id: str
    total: Mapping[str, Decimal] = field(default_factory=dict)
    carry: Mapping[str, Decimal] = field(default_factory=dict)
    until: datetime | None = None
    pending: Record | None = None
    version: int = 0


class Ledger:
    """Seals slots into records."""

    def __init__(self, table: Table, events: UsageEvents, records: Records, clock: Clock) -> None:
        self._table, self._events, self._records, self._clock = table, events, records, clock
        self._adapter = TypeAdapter(Account)

    def account(self, instance_id: str) -> Account:
        """The account of an instance; an empty one if nothing was sealed yet."""
        item = self._table.get(instance_id, ACCOUNT)
        return self._account(item) if item else Account(instance_id)

    def seal(self, meter: Meter, slot: Slot) -> list[Record]:
        """Seal what is due for ``slot``: the new records, one for each package and one for what is in none."""
        while True:
            try:
                return self._seal(meter, slot)
            except (Stale, Exists):
                continue

    def _seal(self, meter: Meter, slot: Slot) -> list[Record]:
        account = self.account(meter.instance_id)
        if account.pending is not None:
            self._records.ensure(account.pending)
        before = self._sealed(meter, slot) if account.until and slot.end <= account.until else []
        sealed: list[Record] = []
        for package, exact in self._due(meter, slot, before, account):
            record = self._record(meter, slot, len(before) + len(sealed), package, exact, account)
            account = self._replace(_charged(account, record, slot))
            self._tell_package(record, account)
            sealed.append(self._records.create(record))
        return sealed

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
        return sum(self._unbilled(meter, slot, self._sealed(meter, slot)).values(), Decimal(0))

    def _sealed(self, meter: Meter, slot: Slot) -> list[Record]:
        return [record for record in self._records.of_slot(meter.instance_id, slot) if record.repair == 0]

    def _unbilled(self, meter: Meter, slot: Slot, before: list[Record]) -> dict[str | None, Decimal]:
        due: dict[str | None, Decimal] = {}
        for package, value in self._events.values(meter.instance_id, slot):
            due[package] = due.get(package, Decimal(0)) + value
        for record in before:
            due[record.package] = due.get(record.package, Decimal(0)) - record.exact
        return due

    def _due(
        self, meter: Meter, slot: Slot, before: list[Record], account: Account
    ) -> Sequence[tuple[str | None, Decimal]]:
        due = self._unbilled(meter, slot, before)
        if meter.packages:
            named = {package for package in due if package is not None}
            return allocated(sum(due.values(), Decimal(0)), meter.packages, account.total, named)
        return owed(due)

    def _record(  # noqa: PLR0917 - all of it is the record
        self, meter: Meter, slot: Slot, number: int, package: str | None, exact: Decimal, account: Account
    ) -> Record:
        value = (exact + account.carry.get(package or WHOLE, Decimal(0))).quantize(PLACES, ROUND_FLOOR)
        now = self._clock.now()
        found = meter.window(slot, number, 0, now)
        state = State.CARRIED if value == 0 else State.SEALED if found else State.DEAD
        return Record(
            instance_id=meter.instance_id,
            slot=slot.key,
            number=number,
            repair=0,
            begin=found.begin if found else slot.begin,
            end=found.end if found else slot.end,
            value=value,
            exact=exact,
            package=package,
            product_id=meter.product_id,
            state=state,
            sealed_at=now,
            code=None if found or value == 0 else "too late",
        )

    def _replace(self, account: Account) -> Account:
        item: Item = self._adapter.dump_python(account, mode="json")
        item |= {"pk": account.instance_id, "sk": ACCOUNT}
        stored = self._table.replace(item) if account.version else self._table.create(item)
        return replace(account, version=stored["version"])

    def _account(self, item: Item) -> Account:
        return self._adapter.validate_python({name: item[name] for name in item.keys() - {"pk", "sk"}})


def _charged(account: Account, record: Record, slot: Slot) -> Account:
    """The account after ``record`` took its amount."""
    package = record.package or WHOLE
    return replace(
        account,
        total=_plus(account.total, package, record.exact),
        carry=_plus(account.carry, package, record.exact - record.value),
        until=max(slot.end, account.until) if account.until else slot.end,
        pending=record,
    )


def _plus(amounts: Mapping[str, Decimal], name: str, amount: Decimal) -> dict[str, Decimal]:
    return {**amounts, name: amounts.get(name, Decimal(0)) + amount}
