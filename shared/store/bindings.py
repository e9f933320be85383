"""Tenants and their applications: one item each, replaced only by a newer word about the same thing.

Layout of the partition ``tenant#<tenant>``: ``tenant#<instance>`` and ``application#<app>#<instance>``; beside it, for
finding a tenant by its code, ``tenant-code#<code>`` with ``<tenant>#<instance>``, which is only a hint. The
enterprise's name and the client secret are sealed.

Invariant: an item holds the word with the greatest ``order`` that has reached it. Calls may come in any order,
repeatedly and at once: each compares with what it read and writes only over exactly that.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from shared.crypto import StorageCipher
from shared.directory import Application, Tenant
from shared.directory.commands import SyncApplication, SyncTenant
from shared.store.keys import every, joined, split, under
from shared.store.table import Exists, Item, Stale, Table


class Bindings:
    """What binds an instance to an enterprise (joint operation, sections 1.2 and 1.3)."""

    def __init__(self, table: Table, cipher: StorageCipher) -> None:
        self._table, self._cipher = table, cipher

    def put_tenant(self, command: SyncTenant, *, again: bool = False) -> bool:
        """Store what was said about a tenant. ``False`` if something newer is known, or ``again`` this very word."""
        tenant = command.tenant
        members = {
            "tenant_code": tenant.tenant_code,
            "domain": tenant.domain,
            "order_id": tenant.order_id,
            "deleted": tenant.deleted,
        }
        if tenant.tenant_code:
            code = {"pk": joined("tenant-code", tenant.tenant_code), "sk": joined(tenant.tenant_id, tenant.instance_id)}
            self._table.put_many([code])
        key = (joined("tenant", tenant.tenant_id), joined("tenant", tenant.instance_id))
        return self._keep_newest(key, command, members, {"name": tenant.name}, again=again)

    def put_application(self, command: SyncApplication, *, again: bool = False) -> bool:
        """Store what was said about an application; the answer is :meth:`put_tenant`'s."""
        application = command.application
        members = {"client_id": application.client_id, "deleted": application.deleted}
        sk = joined("application", application.app_id, application.instance_id)
        key = (joined("tenant", application.tenant_id), sk)
        return self._keep_newest(key, command, members, {"client_secret": application.client_secret}, again=again)

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

    def applications(self, tenant_id: str, app_id: str | None) -> list[Application]:
        """The applications of a tenant as each instance knows them; sorted as by :meth:`tenants`."""
        prefix = ("application",) if app_id is None else ("application", app_id)
        return [self._application(item) for item in self._found(tenant_id, *prefix)]

    def _found(self, tenant_id: str, *prefix: str) -> list[Item]:
        return _sorted(every(self._table, joined("tenant", tenant_id), *under(*prefix)))

    def _keep_newest(
        self,
        key: tuple[str, str],
        command: SyncTenant | SyncApplication,
        members: Mapping[str, Any],
        secrets: Mapping[str, str],
        *,
        again: bool,
    ) -> bool:
        mark = self._cipher.mark(json.dumps([members, secrets]))
        order = command.at.order(int(members["deleted"]), mark)
        item = {"pk": key[0], "sk": key[1], "order": order, "sealed": self._cipher.seal(json.dumps(secrets)), **members}
        while True:
            stored = self._table.get(*key)
            if stored is not None and stored["order"] >= order:
                return bool(stored["order"] == order) and not again
            try:
                if stored is None:
                    self._table.create(item)
                else:
                    self._table.replace({**item, "version": stored["version"]})
            except (Exists, Stale):
                continue
            return True

    def _tenant(self, item: Mapping[str, Any]) -> Tenant:
        return Tenant(
            instance_id=split(item["sk"])[1],
            tenant_id=split(item["pk"])[1],
            tenant_code=item["tenant_code"],
            domain=item["domain"],
            order_id=item["order_id"],
            deleted=item["deleted"],
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


def _sorted(items: Iterable[Item]) -> list[Item]:
    newest = sorted(items, key=lambda item: str(item["order"]), reverse=True)
    return sorted(newest, key=lambda item: bool(item["deleted"]))
