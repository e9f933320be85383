"""``koogallery erase``: personal data is gone from the whole store; orders, amounts and usage stay.

Whatever finds something else is removed after it. So a run that was cut short is made whole by the next, and one that
finds nothing proves that nothing is left.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shared import log
from shared.clock import epoch_ms
from shared.instance.claims import claim_key
from shared.instance.hints import digest
from shared.instance.history import Happening
from shared.instance.order_words import order_key
from shared.instance.record import InstanceRecord
from shared.provisioning import State
from shared.repair.again import PAUSE, as_it_is_now
from shared.repair.personal import DataSubject, about, impersonal
from shared.store.claim_records import record_key
from shared.store.keys import joined, split
from shared.store.paging import chunks, every, whole
from shared.store.table import WHOLE, Item, Stale, Table

if TYPE_CHECKING:
    from shared.app import App

AT_ONCE = 100


@dataclass
class Erasure:
    """How much was erased, by what it was; the ids of instances that were ``left``, since they are in service."""

    erased: Counter[str] = field(default_factory=Counter)
    left: list[str] = field(default_factory=list)


class Eraser:
    """Erases one subject. ``living``: from instances that are in service too. Without ``apply`` it only counts."""

    def __init__(self, app: "App", subject: DataSubject, *, living: bool = False, apply: bool = True) -> None:
        self._app, self._subject, self._living, self._apply = app, subject, living, apply
        self.report = Erasure()

    def run(self) -> Erasure:
        """Erase, and write the engine's files anew where it keeps what was removed."""
        instances = list(self._instances())
        ids = {each.instance_id for each in instances}
        self._sessions(ids)
        self._directory(ids)
        for each in instances:
            self._instance(each)
        if not self._subject.tenant_id:
            self._beside(ids)
        if self._apply:
            self._app.tables.compact()
        return self.report

    def _instances(self) -> Iterator[InstanceRecord]:
        """Those of the subject, and those that an earlier run has got as far as their hints."""
        if self._subject.tenant_id:
            return
        found = {split(item["sk"])[0] for item in every(self._table("instances"), self._hint())}
        for chunk in chunks((item for item in whole(self._table("instances")) if item["sk"] == WHOLE), AT_ONCE):
            records = self._app.instances.get_many(item["pk"] for item in chunk if "state" in item)
            for record in records.values():
                ours = self._subject.has(record)
                if ours and record.state is not State.RELEASED and not self._living:
                    self.report.left.append(record.instance_id)
                elif ours or (record.instance_id in found and not record.customer_id):
                    yield record

    def _sessions(self, ids: set[str]) -> None:
        subject = self._subject
        stored = self._app.sessions.stored()
        ours = (each for each in stored if each.instance_id in ids or subject.is_member(each.tenant_id, each.user_name))
        self._remove("sessions", "sessions", ((f"session#{each.key}", WHOLE) for each in ours))

    def _directory(self, ids: set[str]) -> None:
        table = self._table("directory")
        tenants = {about(item).tenant_id for item in whole(table) if about(item).instance_id in ids}
        gone = {each for each in tenants if not self._bound_elsewhere(each, ids)}
        for last in (False, True):  # by a tenant's own items its departments are found
            ours = (item for item in whole(table) if (split(item["pk"])[0] == "tenant") is last)
            self._remove("directory", "directory", (_key(item) for item in ours if self._is_about(item, ids, gone)))

    def _bound_elsewhere(self, tenant_id: str, ids: set[str]) -> bool:
        bound = every(self._table("directory"), joined("tenant", tenant_id))
        return any(about(item).instance_id not in ids for item in bound)

    def _is_about(self, item: Item, ids: set[str], gone: set[str]) -> bool:
        of = about(item)
        if of.instance_id in ids or (not of.instance_id and of.tenant_id in gone):
            return True
        whose = self._subject.is_member(of.tenant_id, of.user_name)
        return whose and (bool(of.user_name) or not self._subject.user_id)

    def _instance(self, record: InstanceRecord) -> None:
        if self._subject.customer_id:
            self._claims(record)
        after = impersonal(record, self._subject)
        if after == record:
            return
        self.report.erased["instances"] += 1
        if self._apply:
            self._store(record)

    def _store(self, found: InstanceRecord) -> None:
        instances, clock = self._app.instances, self._app.clock
        for record in as_it_is_now(found, lambda: instances.get(found.instance_id)):
            after = impersonal(record, self._subject)
            if after == record:
                return
            if record.leased(clock.now()):
                clock.sleep(PAUSE)
                continue
            with suppress(Stale):
                instances.replace(after, self._told(record))
                return

    def _told(self, record: InstanceRecord) -> Happening:
        now, state = self._app.clock.now(), record.state.value
        return Happening(now, "erase", epoch_ms(now), by=log.occasion(), before=state, after=state)

    def _claims(self, record: InstanceRecord) -> None:
        """Beside a claim stands a digest of the customer."""
        table = self._table("idempotency")
        keys = {record_key(key) for key in (claim_key(record), order_key(record.order_id))}
        for claim in table.get_many((key, WHOLE) for key in keys):
            if "customer" in claim.get("about", {}):
                rest = {name: value for name, value in claim["about"].items() if name != "customer"}
                self._replace("claims", table, {**claim, "about": rest})

    def _beside(self, ids: set[str]) -> None:
        """Hints, and whatever else names the customer beside its instances; last of all what instances are found by."""
        table, customer_id = self._table("instances"), self._subject.customer_id
        hints = (item for item in whole(table) if self._is_hint(item, ids))
        self._remove("hints", "instances", map(_key, hints))
        if customer_id:
            for item in whole(table):
                if customer_id in item.values() and item["sk"] != WHOLE:
                    named = {name: "" if value == customer_id else value for name, value in item.items()}
                    self._replace("orders", table, named)
        own = (item for item in every(table, self._hint()) if split(item["sk"])[0] not in self.report.left)
        self._remove("hints", "instances", map(_key, own))

    def _is_hint(self, item: Item, ids: set[str]) -> bool:
        return item["pk"].startswith("user#") and split(item["sk"])[0] in ids

    def _hint(self) -> str:
        """Where the hints of the subject stand."""
        customer_id, user_id = self._subject.customer_id, self._subject.user_id
        return joined("customer", customer_id) if customer_id else joined("user", digest(user_id))

    def _remove(self, what: str, table: str, keys: Iterable[tuple[str, str]]) -> None:
        for chunk in chunks(keys, AT_ONCE):
            self.report.erased[what] += len(chunk)
            if self._apply:
                self._table(table).delete_many(chunk)

    def _replace(self, what: str, table: Table, item: Item) -> None:
        self.report.erased[what] += 1
        if self._apply:
            table.replace(item)

    def _table(self, name: str) -> Table:
        return self._app.tables.table(name)


def _key(item: Item) -> tuple[str, str]:
    return item["pk"], item["sk"]
