"""The ledger: used = sum of events, billed = sum of records, and what is due is the difference.

Records of an instance are sealed through its *account*, one small item. Each is written in whole into the account
(``pending``), as sent, in the same conditional write that moves its amount from "used" to "billed". That is all there
is of it until its verdict, with which it becomes an item of its own. Whoever finds it in the account without that,
because its run died or is still at work, *adopts* it: lists it as open and stores a copy::

    a run                                               another run, or the next one
      │ account v7 {total 10}, events say 2.5 more         │
      ▼                                                    ▼
    account: replace if v7                              account: replace if v7 ──► stale: reads again
      │  {total 12.5, pending: record, attempts 1}         │
      ▼                                                    ▼
    push                                                adopts: list as open, create {SENT, attempts 1}
      │                                                    │ nothing is due; before its own push:
      ▼                                                    ▼
    create {ACCEPTED} ──► exists, attempts 1:           replace if v1 {SENT, attempts 2}
      │                   replace if v1 ──► done           │
      │                   exists, attempts 2: the other's  ▼
      ▼                                                 push: "duplicate" is delivered, as attempts > 1
    remove the marks of the slot

The account gets its next records only when those before are items of their own. So each amount is moved once, a record
has one content for ever, each push has its attempt on file before it, one verdict counts, and a late event simply makes
something due again. The marks stay until the verdict does: a record that is in no list is found through them.

One thing is taken for granted of two runs that overlap: a window that was refused stays refused. While one is on its
way with a record, the other may be told that the window is wrong, and seal a successor. Were the first then accepted
with the old window, the amount would be billed twice. The marketplace would have to change its mind within a push, and
the lease of the shard to have run out under the first run: a machine that stood still for longer than that.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from shared.clock import Clock
from shared.errors import Unavailable
from shared.metering.accounts import ZERO, Account, Accounts
from shared.metering.due import Known, charged, unbilled
from shared.metering.events import UsageEvents
from shared.metering.meter import Meter, Wanted
from shared.metering.record_table import Records
from shared.metering.records import Record
from shared.metering.room import TIME_RANGE, Room
from shared.metering.slots import Slot, from_key
from shared.store.table import Item, Table

FROM = "from#"
LAST = "\U0010ffff"


class Ledger:
    def __init__(self, table: Table, events: UsageEvents, records: Records, clock: Clock) -> None:
        self._table, self._events, self._records, self._clock = table, events, records, clock
        self._accounts = Accounts(table)

    def account(self, instance_id: str) -> Account:
        """The account of an instance; an empty one if nothing was sealed yet."""
        return self._accounts.get(instance_id)

    def seal(self, wanted: Sequence[Wanted]) -> tuple[list[Record], set[tuple[str, Slot]]]:
        """Seal what is due for some slots: the new records, for each package and for what is in none as many as it
        takes, each as sent, for the caller to push and to store; and the (instance id, slot) pairs of which it is not
        known whether they are sealed.

        What is below 0.0001 becomes a record that is carried, what no window is left for one that is dead.
        """
        sealed: list[Record] = []
        unsure: set[tuple[str, Slot]] = set()
        while wanted:
            wanted = self._seal(wanted, sealed, unsure)
        return sealed, unsure

    def _seal(self, wanted: Sequence[Wanted], sealed: list[Record], unsure: set[tuple[str, Slot]]) -> list[Wanted]:
        """Seal what no other run gets in the way of; what is left to be looked at again."""
        accounts = self._settled(dict.fromkeys(each.meter.instance_id for each in wanted))
        slots: dict[str, list[Known]] = {}
        for known in self._known(wanted, accounts):
            slots.setdefault(known.meter.instance_id, []).append(known)
        now = self._clock.now()
        both = {each: charged(accounts[each], known, now) for each, known in slots.items()}
        afters = [after for after, _ in both.values() if after.pending]
        again: list[Wanted] = []
        done: list[Account] = []
        for after, outcome in zip(afters, self._accounts.put_many(afters), strict=True):
            if isinstance(outcome, Unavailable):
                unsure |= {each.key for each in slots[after.instance_id]}
            elif isinstance(outcome, Exception):
                again += slots[after.instance_id]
            else:
                done.append(after)
                again += both[after.instance_id][1]
        self._tell(done, accounts)
        sealed += [record for account in done for record in account.pending]
        return again

    def _known(self, wanted: Sequence[Wanted], accounts: dict[str, Account]) -> Iterator[Known]:
        """With the events and, where there may be any, the records of slots."""
        used = self._events.used([each.key for each in wanted])
        old = [each.key for each in wanted if accounts[each.meter.instance_id].has_sealed(each.slot)]
        before = dict(zip(old, self._records.of_slots(old), strict=True))
        for each, sums in zip(wanted, used, strict=True):
            yield Known(each.meter, each.slot, sums, before.get(each.key, []))

    def succeed(self, meter: Meter | None, record: Record) -> Record:
        """The record, stored, that takes over from one whose window was refused: the same one however often it is asked
        for. It is dead if no window is left. ``meter`` is ``None`` if the instance is none that can be billed.

        :raises Unavailable: it is not known whether it is stored; ask again.
        """
        while True:
            account = self._settled([record.instance_id])[record.instance_id]
            slot, now = from_key(record.slot), self._clock.now()
            records = self._records.of_slot(record.instance_id, slot)
            for other in records:
                if (other.number, other.repair) == (record.number, record.repair + 1):
                    return other
            room = Room(slot, meter.stretch(slot, now) if meter else None, records, now)
            last_use = self._events.last_use(record.instance_id, slot) if record.code == TIME_RANGE else None
            successor = room.successor(record, last_use)
            (outcome,) = self._accounts.put_many([replace(account, pending=(successor,))])
            if isinstance(outcome, Unavailable):
                raise outcome

    def _settled(self, instance_ids: Iterable[str]) -> dict[str, Account]:
        """The accounts, with their pending records stored. Who changes one from here decides alone, and knows of every
        window that was ever given away.
        """
        accounts = self._accounts.get_many(list(instance_ids))
        self._records.adopt([record for each in accounts.values() for record in each.pending])
        return accounts

    def _tell(self, afters: Sequence[Account], accounts: Mapping[str, Account]) -> None:
        """List the instances under the days of their new records, unless that was done for those before, and note at
        packages what they were used for, so that a query for a package finds it.
        """
        fresh = [record for account in afters for record in account.pending]
        listed = {(each.instance_id, each.day) for account in accounts.values() for each in account.pending}
        self._records.list_days([each for each in fresh if (each.instance_id, each.day) not in listed])
        notes = {
            (account.instance_id, record.package): _note(account, record.package)
            for account in afters
            for record in account.pending
            if record.package is not None
        }
        self._table.put_many(notes.values())

    def used_of(self, package_id: str) -> list[tuple[str, Decimal, datetime]]:
        """(pay-per-use instance id, amount, until when) for each instance that drew on a package."""
        page = self._table.query(package_id, first=FROM, last=FROM + LAST)
        return [
            (item["sk"].removeprefix(FROM), Decimal(item["used"]), datetime.fromisoformat(item["until"]))
            for item in page.items
        ]

    def waiting(self, meter: Meter, slot: Slot) -> Decimal:
        """What was used in ``slot`` and is in no record: because it is new, or because no package holds it."""
        self._settled([meter.instance_id])
        (used,) = self._events.used([(meter.instance_id, slot)])
        return sum(unbilled(used, self._records.of_slot(meter.instance_id, slot)).values(), ZERO)


def _note(account: Account, package: str) -> Item:
    until = account.until.isoformat() if account.until else ""
    used = format(account.total[package], "f")
    return {"pk": package, "sk": f"{FROM}{account.instance_id}", "used": used, "until": until}
