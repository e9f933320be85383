"""Accounts: one small item for each metered instance, through which its records are made one after the other."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from pydantic import TypeAdapter

from shared.metering.records import Record
from shared.metering.slots import Slot
from shared.store.table import WHOLE, Item, Table

ACCOUNT = "account"
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Account:
    """Running totals of an instance, by package; ``-`` is what was taken from none.

    ``total`` = all amounts sealed so far, exact. ``carry`` = what of that is in no record yet, always below 0.0001.
    ``until`` is the end of the latest slot sealed, so a slot that ends later has no record yet. ``pending`` is the
    latest record, which may not be stored as such yet.
    """

    instance_id: str
    total: Mapping[str, Decimal] = field(default_factory=dict)
    carry: Mapping[str, Decimal] = field(default_factory=dict)
    until: datetime | None = None
    pending: Record | None = None
    version: int = 0

    def carried(self, package: str | None) -> Decimal:
        """What of a package's amounts is in no record yet."""
        return self.carry.get(package or WHOLE, ZERO)

    def has_sealed(self, slot: Slot) -> bool:
        """May there be records of ``slot``?"""
        return self.until is not None and slot.end <= self.until

    def charged(self, record: Record, slot: Slot) -> "Account":
        """After ``record``, of ``slot``, took its amount."""
        package = record.package or WHOLE
        return replace(
            self,
            total=_plus(self.total, package, record.exact),
            carry=_plus(self.carry, package, record.exact - record.value),
            until=max(slot.end, self.until) if self.until else slot.end,
            pending=record,
        )


class Accounts:
    """The accounts, in the table of records."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._adapter = TypeAdapter(Account)

    def get(self, instance_id: str) -> Account:
        """The account of an instance; an empty one if nothing was sealed yet."""
        item = self._table.get(instance_id, ACCOUNT)
        if item is None:
            return Account(instance_id)
        return self._adapter.validate_python({name: item[name] for name in item.keys() - {"pk", "sk"}})

    def put(self, account: Account) -> Account:
        """Store an account that was read before.

        :raises shared.store.table.Stale, shared.store.table.Exists: another run has changed it.
        """
        item: Item = self._adapter.dump_python(account, mode="json")
        item |= {"pk": account.instance_id, "sk": ACCOUNT}
        stored = self._table.replace(item) if account.version else self._table.create(item)
        return replace(account, version=stored["version"])


def _plus(amounts: Mapping[str, Decimal], name: str, amount: Decimal) -> dict[str, Decimal]:
    return {**amounts, name: amounts.get(name, ZERO) + amount}
