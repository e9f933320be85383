"""Departments: what was said about them is kept as items that never change, and the newest word about each counts.

They belong to the tenant, whichever instance they came through, since ``orgCode`` is unique there. There are at most a
few thousand, so they are read together and a full list is written in a few items. In the partition
``departments#<tenant>``:

``one#<code>#<order>``
    a word about one department.
``all#<order>#<number>``
    a part of a full list; ``parts`` says how many there are.

A department is *stale* if the newest full list that is stored as a whole is newer than the last word about it: it was
not on that list. Nothing is ever deleted because a list leaves it out.

Invariant: for each code the word with the greatest order that was ever stored stays stored, and so does the newest
whole list. What a newer one makes useless is removed behind it: before an old list goes, what is still the last word
about a department is copied from it into an item of its own. So calls may come in any order, repeatedly and at once.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from shared.directory import Department
from shared.directory.commands import SyncDepartment, SyncDepartments, synced_ms
from shared.store.cipher import StorageCipher
from shared.store.keys import joined, split, under
from shared.store.paging import chunks, every
from shared.store.table import Item, Table

_IN_A_PART = 100
"""Departments in one item: 128 + 256 + 128 characters each stay below its limit, whatever the script."""


@dataclass(frozen=True, slots=True)
class _Read:
    """Everything that is stored about a tenant's departments: the last words, and the newest whole list's order."""

    items: list[Item] = field(repr=False)
    last: dict[str, tuple[str, Department]] = field(repr=False)
    listed: str


class Departments:
    """The departments of tenants (joint operation, sections 1.5 and 1.6)."""

    def __init__(self, table: Table, cipher: StorageCipher) -> None:
        self._table, self._cipher = table, cipher

    def put(self, command: SyncDepartment) -> None:
        """Store what was said about one department."""
        department = command.department
        order = command.at.order(int(department.deleted), self._mark([department]))
        self._table.put_many([_word(command.tenant_id, order, department)])
        pk = _pk(command.tenant_id)
        old = list(every(self._table, pk, *under("one", department.org_code)))[:-1]
        self._table.delete_many((pk, item["sk"]) for item in old)

    def put_all(self, command: SyncDepartments) -> None:
        departments = command.departments
        order = command.at.order(0, self._mark(departments))
        parts = list(chunks(map(_values, departments), _IN_A_PART)) or [[]]
        self._table.put_many(
            {
                "pk": _pk(command.tenant_id),
                "sk": joined("all", order, f"{number:04}"),
                "parts": len(parts),
                "departments": part,
            }
            for number, part in enumerate(parts)
        )
        self._tidy(command.tenant_id)

    def forget(self, tenant_id: str, until_ms: int, most: int) -> int:
        """Remove at most ``most`` items that say how something was until then; how many. Fewer: nothing is left."""
        found = every(self._table, _pk(tenant_id))
        old = list(islice((item for item in found if synced_ms(_order(item)) <= until_ms), most))
        self._table.delete_many((item["pk"], item["sk"]) for item in old)
        return len(old)

    def all(self, tenant_id: str) -> list[Department]:
        """All departments that are not deleted, by code."""
        read = self._read(tenant_id)
        found = (replace(each, stale=order < read.listed) for order, each in read.last.values())
        return sorted((each for each in found if not each.deleted), key=lambda each: each.org_code)

    def _read(self, tenant_id: str) -> _Read:
        items = list(every(self._table, _pk(tenant_id)))
        last: dict[str, tuple[str, Department]] = {}
        for item in items:
            for order, department in _words(item):
                if department.org_code not in last or last[department.org_code][0] < order:
                    last[department.org_code] = order, department
        return _Read(items, last, max(_whole_lists(items), default=""))

    def _tidy(self, tenant_id: str) -> None:
        """Remove what newer words and the newest list have made useless."""
        read = self._read(tenant_id)
        old = [item for item in read.items if _is_old(item, read)]
        orders = {split(item["sk"])[1] for item in old if split(item["sk"])[0] == "all"}
        kept = [_word(tenant_id, order, each) for order, each in read.last.values() if order in orders]
        self._table.put_many(kept)
        self._table.delete_many((item["pk"], item["sk"]) for item in old)

    def _mark(self, departments: Iterable[Department]) -> str:
        return self._cipher.mark(json.dumps([_values(each) for each in departments]))


def _pk(tenant_id: str) -> str:
    return joined("departments", tenant_id)


def _values(department: Department) -> list[str]:
    return [department.org_code, department.org_name, department.parent_code]


def _word(tenant_id: str, order: str, department: Department) -> Item:
    sk = joined("one", department.org_code, order)
    return {"pk": _pk(tenant_id), "sk": sk, "departments": [_values(department)], "deleted": department.deleted}


def _order(item: Item) -> str:
    kind, *key = split(item["sk"])
    return key[0] if kind == "all" else key[1]


def _words(item: Item) -> Iterator[tuple[str, Department]]:
    order = _order(item)
    for code, name, parent in item["departments"]:
        yield order, Department(code, name, parent, deleted=item.get("deleted", False))


def _whole_lists(items: Iterable[Item]) -> Iterator[str]:
    parts: dict[str, int] = {}
    for item in items:
        kind, *key = split(item["sk"])
        if kind == "all":
            parts[key[0]] = parts.get(key[0], 0) + 1
            if parts[key[0]] == item["parts"]:
                yield key[0]


def _is_old(item: Item, read: _Read) -> bool:
    kind, *key = split(item["sk"])
    if kind == "all":
        return key[0] < read.listed
    return key[1] < read.last[key[0]][0]
