"""``tenantSync``: an enterprise is bound to an instance, changed, or unbound (joint operation, section 1.2)."""

from shared import log
from shared.app import App
from shared.call import Call
from shared.commands import Done, Outcome
from shared.directory.commands import SyncTenant
from shared.pipelines.marketplace import Interface, endpoint

__all__ = ["handler"]


def sync_tenant(command: SyncTenant, call: Call, app: App) -> Outcome:
    """Store the tenant, unless something newer is known. A deletion ends its sessions in that instance, a repeated one
    too; the very same call only what it did not come to.
    """
    with app.nonces.once(call) as since_ms:
        if not app.directory.put_tenant(command):
            log.event("older than what is known", interface="tenant-sync", instance_id=command.instance_id)
        elif command.tenant.deleted:
            app.sessions.end_tenant(command.instance_id, command.tenant.tenant_id, since_ms)
    return Done()


INTERFACE = Interface("tenant-sync", frozenset({"tenantSync"}), sync_tenant)
handler = endpoint(INTERFACE)
