"""Accounts: one small item for each metered instance, through which its records are made one after the other."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from shared.metering.records import Record, record_of
from shared.metering.slots import Slot
from shared.store.table import WHOLE, Item, Outcome, Table, Write

ACCOUNT = "account"
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Account:
    """Running totals of an instance, by package; ``-`` is what was taken from none.

    ``total`` = all amounts sealed so far, exact. ``carry`` = what of that is in no record yet, always below 0.0001.
    ``until`` is the end of the latest slot sealed, so a slot that ends later has no record yet. ``pending`` are the
    latest records, which may not be stored as such yet.
    """

    instance_id: str
    total: Mapping[str, Decimal] = field(default_factory=dict)
    carry: Mapping[str, Decimal] = field(default_factory=dict)
    until: datetime | None = None
    pending: tuple[Record, ...] = ()
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
            pending=(*self.pending, record),
        )


class Accounts:
    """The accounts, in the table of records."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, instance_id: str) -> Account:
        """The account of an instance; an empty one if nothing was sealed yet."""
        item = self._table.get(instance_id, ACCOUNT)
        return _account(item) if item else Account(instance_id)

    def get_many(self, instance_ids: Collection[str]) -> dict[str, Account]:
        """The accounts of instances, by id; empty ones where nothing was sealed yet."""
        items = self._table.get_many((instance_id, ACCOUNT) for instance_id in instance_ids)
        return {each: Account(each) for each in instance_ids} | {item["pk"]: _account(item) for item in items}

    def put_many(self, accounts: Sequence[Account]) -> list[Outcome]:
        """Store accounts that were read before: ``Stale`` or ``Exists`` for one that another run has changed."""
        return self._table.write_many(
            Write("replace" if account.version else "create", _item(account)) for account in accounts
        )


def _account(item: Item) -> Account:
    return Account(
        instance_id=item["pk"],
        total={name: Decimal(amount) for name, amount in item["total"].items()},
        carry={name: Decimal(amount) for name, amount in item["carry"].items()},
        until=datetime.fromisoformat(item["until"]) if item["until"] else None,
        pending=tuple(map(record_of, _listed(item["pending"]))),
        version=item["version"],
    )


def _item(account: Account) -> Item:
    return {
        "pk": account.instance_id,
        "sk": ACCOUNT,
        "instance_id": account.instance_id,
        "total": {name: str(amount) for name, amount in account.total.items()},
        "carry": {name: str(amount) for name, amount in account.carry.items()},
        "until": account.until and account.until.isoformat(),
        "pending": [record.members() for record in account.pending],
        "version": account.version,
    }


def _listed(pending: Any) -> list[Any]:
    """An earlier release had one record there, or none."""
    if isinstance(pending, list):
        return pending
    return [pending] if pending else []


def _plus(amounts: Mapping[str, Decimal], name: str, amount: Decimal) -> dict[str, Decimal]:
    return {**amounts, name: amounts.get(name, ZERO) + amount}
