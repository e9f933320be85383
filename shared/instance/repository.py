"""The instances: one item each, which holds the truth about it.

Secrets (access details) and what the buyer told are sealed before they reach the table. The buyer's own data is there
only while creation is pending.

What is to be looked up later, its history and what it is found by, stands beside the instance and is written with it,
or before it. What is to be told of a change is a part of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

from shared import log
from shared.clock import Clock
from shared.commands import OrderContent
from shared.instance.announcing import announced
from shared.instance.dead_letters import DeadLetter
from shared.instance.hints import hints
from shared.instance.history import Happening, booked
from shared.instance.outbox import MOST
from shared.instance.record import InstanceRecord
from shared.instance.terms import SOLD, Sold, Terms, sold_as, stored_sold, stored_terms, with_sold
from shared.instance.waiting import hint_to_tell
from shared.orders.book import BookedOrder
from shared.provisioning import Access, Specification
from shared.store.cipher import StorageCipher
from shared.store.table import WHOLE, Exists, Item, Table

OTHERS = "others"
MEMBERS = frozenset(each.name for each in fields(InstanceRecord))
SEALED: Mapping[str, type] = {"access": Access, "content": OrderContent, "specification": Specification}
"""Members and their types. The extension parameters of a specification are what the buyer filled in, often personal."""
T = TypeVar("T")


@cache
def adapter(kind: type[T]) -> TypeAdapter[T]:
    """Reads and writes values of that type. One for the process: to build it takes longer than a purchase."""
    return TypeAdapter(kind)


class Instances:
    """:param history_kept: how long an entry of the history lives. :param announces: does anybody receive events?"""

    def __init__(
        self, table: Table, cipher: StorageCipher, clock: Clock, history_kept: timedelta, *, announces: bool = False
    ) -> None:
        self._table = table
        self._cipher = cipher
        self._clock = clock
        self._history_kept = history_kept
        self._announces = announces

    def get(self, instance_id: str) -> InstanceRecord | None:
        """The instance, or ``None`` if there never was one."""
        item = self._table.get(instance_id)
        return self._record(item) if item else None

    def get_many(self, instance_ids: Iterable[str]) -> dict[str, InstanceRecord]:
        """Those of the instances that exist, by id."""
        items = self._table.get_many((instance_id, WHOLE) for instance_id in instance_ids)
        return {item["pk"]: self._record(item) for item in items}

    def terms_of(self, instance_ids: Iterable[str]) -> dict[str, Terms]:
        """The terms of those of the instances that exist, by id. Of what is sealed at most the specification is opened,
        where an earlier release has stored it.
        """
        items = self._table.get_many((instance_id, WHOLE) for instance_id in instance_ids)
        return {item["pk"]: stored_terms(item, stored_sold(item) or self._sealed_sold(item)) for item in items}

    def create(self, record: InstanceRecord, *happened: Happening) -> InstanceRecord:
        """Store a new instance, and beside it what ``happened``.

        :raises Taken: an instance with this id is stored already.
        """
        record, beside = self._noted(record, happened)
        try:
            return replace(record, version=self._table.create(self._item(record), beside)["version"])
        except Exists as found:
            raise Taken(self._record(found.existing)) from None

    def replace(self, record: InstanceRecord, *happened: Happening) -> InstanceRecord:
        """Store a changed instance, and beside it what ``happened``.

        :raises shared.store.table.Stale: it was changed by someone else since it was read.
        """
        record, beside = self._noted(record, happened)
        return replace(record, version=self._table.replace(self._item(record), beside)["version"])

    def book(self, order: BookedOrder) -> None:
        """Keep what became of an order where no instance is stored with it."""
        self._table.put_many(order.items())

    def note(self, instance_id: str, *happened: Happening) -> None:
        """Add to the history what does not change the instance."""
        self._table.put_many(each.item(instance_id, self._history_kept) for each in happened)

    def _noted(self, record: InstanceRecord, happened: Sequence[Happening]) -> tuple[InstanceRecord, Sequence[Item]]:
        """``record`` as it is to be stored, and all that stands beside it."""
        if not happened:
            return record.settled(), ()
        entries = (each.item(record.instance_id, self._history_kept) for each in happened)
        orders = (item for each in happened if (order := booked(each, record)) for item in order.items())
        beside = [*entries, *orders, *hints(record, self._clock.now())]
        telling = announced(record, happened) if self._announces else record
        if telling is not record:
            telling, given_up = _bounded(telling)
            beside += [hint_to_tell(record, self._clock.now()), *(each.item() for each in given_up)]
        return telling.settled(), beside

    def prepare_for_calls(self) -> None:
        """Build what the first record would otherwise wait for."""
        for kind in (InstanceRecord, *SEALED.values()):
            adapter(kind)
        self._cipher.prepare_for_calls()

    def _sealed_sold(self, item: Mapping[str, Any]) -> Sold:
        sealed = item.get("specification")
        if sealed is None:
            return sold_as(Specification())
        return sold_as(adapter(Specification).validate_json(self._cipher.open(sealed)))

    def _item(self, record: InstanceRecord) -> dict[str, Any]:
        item: dict[str, Any] = adapter(InstanceRecord).dump_python(
            record, mode="json", exclude_defaults=True, exclude={*SEALED, OTHERS}
        )
        for name, kind in SEALED.items():
            if (value := getattr(record, name)) is not None:
                item[name] = self._cipher.seal(adapter(kind).dump_json(value, exclude_defaults=True).decode())
        whole = {**record.others, **item, "pk": item.pop("instance_id"), "sk": WHOLE, "version": record.version}
        return with_sold(whole, sold_as(record.specification))

    def _record(self, item: Mapping[str, Any]) -> InstanceRecord:
        members = {name: value for name, value in item.items() if name not in ("pk", "sk", SOLD)}
        for name, kind in SEALED.items():
            if name in members:
                members[name] = adapter(kind).validate_json(self._cipher.open(members[name]))
        others = {name: members.pop(name) for name in members.keys() - MEMBERS}
        record: InstanceRecord = adapter(InstanceRecord).validate_python(
            members | {"instance_id": item["pk"], OTHERS: others}
        )
        return record


def _bounded(record: InstanceRecord) -> tuple[InstanceRecord, list[DeadLetter]]:
    given_up = [DeadLetter(record.instance_id, each) for each in record.outbox[:-MOST]]
    if given_up:
        log.alarm("events are given up", instance_id=record.instance_id, dead=len(given_up), reason="too many wait")
    return replace(record, outbox=record.outbox[-MOST:]), given_up


class Taken(Exception):
    """``create`` found the instance stored already; ``existing`` is it."""

    def __init__(self, existing: InstanceRecord) -> None:
        super().__init__("the instance exists")
        self.existing = existing
