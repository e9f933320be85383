"""Tenants and their applications: one item each, replaced only by a newer word about the same thing.

Layout of the partition ``tenant#<tenant>``: ``tenant#<instance>`` and ``application#<app>#<instance>``; beside it, for
finding a tenant by its code, ``tenant-code#<code>`` with ``<tenant>#<instance>``, which is only a hint; and ``unbound``
with ``<tenant>#<instance>#<time>`` for each unbinding after which nobody has cleared up yet. The enterprise's name and
the client secret are sealed.

Invariant: an item holds the word with the greatest ``order`` that has reached it, and ``unbound_ms`` of a tenant the
time of its latest unbinding, whether or not it was bound again. Calls may come in any order, repeatedly and at once:
each compares with what it read and writes only over exactly that.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.directory import NEVER, Application, Tenant
from shared.directory.commands import SyncApplication, SyncTenant, synced_ms
from shared.store.cipher import StorageCipher
from shared.store.conditional import write_over
from shared.store.keys import joined, split, under
from shared.store.paging import every
from shared.store.table import Item, Table

_UNBOUND = "unbound"


@dataclass(frozen=True, slots=True)
class Unbinding:
    """A tenant was unbound from an instance, at that UTC epoch millisecond."""

    tenant_id: str
    instance_id: str
    at_ms: int


class Bindings:
    """What binds an instance to an enterprise (joint operation, sections 1.2 and 1.3)."""

    def __init__(self, table: Table, cipher: StorageCipher) -> None:
        self._table, self._cipher = table, cipher

    def put_tenant(self, command: SyncTenant) -> bool:
        """Store what was said about a tenant. ``False`` if something newer is known."""
        tenant = command.tenant
        members = {
            "tenant_code": tenant.tenant_code,
            "domain": tenant.domain,
            "order_id": tenant.order_id,
            "deleted": tenant.deleted,
        }
        key = tenant_key(tenant.tenant_id, tenant.instance_id)
        return self._keep_newest(key, command, members, {"name": tenant.name}, list(_beside(command)))

    def put_application(self, command: SyncApplication) -> bool:
        """Store what was said about an application; the answer is :meth:`put_tenant`'s."""
        application = command.application
        members = {"client_id": application.client_id, "deleted": application.deleted}
        sk = joined("application", application.app_id, application.instance_id)
        key = (joined("tenant", application.tenant_id), sk)
        return self._keep_newest(key, command, members, {"client_secret": application.client_secret})

    def tenants(self, tenant_id: str) -> list[Tenant]:
        """A tenant as each instance knows it: those not deleted first, then the latest word first."""
        return [self._tenant(item) for item in self._found(tenant_id, "tenant")]

    def tenants_by_code(self, tenant_code: str) -> list[Tenant]:
        """The tenants that have this code now; sorted as by :meth:`tenants`."""
        keys = [split(hint["sk"]) for hint in every(self._table, joined("tenant-code", tenant_code))]
        items = self._table.get_many(
            (joined("tenant", tenant), joined("tenant", instance)) for tenant, instance in keys
        )
        return [self._tenant(item) for item in _sorted(items) if item["tenant_code"] == tenant_code]

    def unbound(self, tenant_id: str) -> dict[str, int]:
        """When a tenant was last unbound from each of its instances; ``NEVER`` is a time too."""
        return {split(item["sk"])[1]: unbound_ms(item) for item in self._found(tenant_id, "tenant")}

    def to_clear_up(self) -> list[Unbinding]:
        """The unbindings after which nobody has cleared up yet."""
        found = (split(item["sk"]) for item in every(self._table, _UNBOUND))
        return [Unbinding(tenant_id, instance_id, int(at_ms)) for tenant_id, instance_id, at_ms in found]

    def cleared_up(self, unbinding: Unbinding) -> None:
        """Nothing is left to do after this one."""
        self._table.delete_many([(_UNBOUND, _place(unbinding))])

    def applications(self, tenant_id: str, app_id: str | None) -> list[Application]:
        """The applications of a tenant as each instance knows them; sorted as by :meth:`tenants`."""
        prefix = ("application",) if app_id is None else ("application", app_id)
        return [self._application(item) for item in self._found(tenant_id, *prefix)]

    def bound(self, tenant_id: str, app_id: str) -> tuple[list[Tenant], list[Application]]:
        """:meth:`tenants` and :meth:`applications`, read together."""
        items = _sorted(every(self._table, joined("tenant", tenant_id)))
        tenants = [self._tenant(item) for item in items if split(item["sk"])[0] == "tenant"]
        ours = [item for item in items if split(item["sk"])[:2] == ["application", app_id]]
        return tenants, [self._application(item) for item in ours]

    def _found(self, tenant_id: str, *prefix: str) -> list[Item]:
        return _sorted(every(self._table, joined("tenant", tenant_id), *under(*prefix)))

    def _keep_newest(
        self,
        key: tuple[str, str],
        command: SyncTenant | SyncApplication,
        members: Mapping[str, Any],
        secrets: Mapping[str, str],
        beside: Sequence[Item] = (),
    ) -> bool:
        mark = self._cipher.mark(json.dumps([members, secrets]))
        order = command.at.order(int(members["deleted"]), mark)
        item = {"pk": key[0], "sk": key[1], "order": order, "sealed": self._cipher.seal(json.dumps(secrets)), **members}
        while True:
            stored = self._table.get(*key)
            newest = item if stored is None or stored["order"] < order else stored
            kept = {**newest, **_last_unbound(stored, item)}
            if kept == stored or write_over(self._table, stored, kept, beside):
                return bool(newest["order"] == order)

    def _tenant(self, item: Mapping[str, Any]) -> Tenant:
        return Tenant(
            instance_id=split(item["sk"])[1],
            tenant_id=split(item["pk"])[1],
            tenant_code=item["tenant_code"],
            domain=item["domain"],
            order_id=item["order_id"],
            deleted=item["deleted"],
            unbound_ms=unbound_ms(item),
            **json.loads(self._cipher.open(item["sealed"])),
        )

    def _application(self, item: Mapping[str, Any]) -> Application:
        _, app_id, instance_id = split(item["sk"])
        return Application(
            instance_id=instance_id,
            tenant_id=split(item["pk"])[1],
            app_id=app_id,
            client_id=item["client_id"],
            deleted=item["deleted"],
            **json.loads(self._cipher.open(item["sealed"])),
        )


def tenant_key(tenant_id: str, instance_id: str) -> tuple[str, str]:
    """Where a tenant is stored as an instance knows it."""
    return joined("tenant", tenant_id), joined("tenant", instance_id)


def unbound_ms(item: Mapping[str, Any]) -> int:
    """When the tenant of an item was last unbound. The first release did not note it, and kept a deletion's order."""
    found: int = item.get("unbound_ms", synced_ms(item["order"]) if item["deleted"] else NEVER)
    return found


def _last_unbound(stored: Item | None, item: Item) -> dict[str, int]:
    last = max(unbound_ms(each) for each in (stored, item) if each is not None)
    return {} if last == NEVER or split(item["sk"])[0] != "tenant" else {"unbound_ms": last}


def _beside(command: SyncTenant) -> Iterator[Item]:
    tenant = command.tenant
    if tenant.tenant_code:
        yield {"pk": joined("tenant-code", tenant.tenant_code), "sk": joined(tenant.tenant_id, tenant.instance_id)}
    if tenant.deleted:  # never after the deletion itself: whoever dies leaves a note too many, not one too few
        yield {"pk": _UNBOUND, "sk": _place(Unbinding(tenant.tenant_id, tenant.instance_id, command.at.synced_ms))}


def _place(unbinding: Unbinding) -> str:
    return joined(unbinding.tenant_id, unbinding.instance_id, f"{unbinding.at_ms:013}")


def _sorted(items: Iterable[Item]) -> list[Item]:
    newest = sorted(items, key=lambda item: str(item["order"]), reverse=True)
    return sorted(newest, key=lambda item: bool(item["deleted"]))
