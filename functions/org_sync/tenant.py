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
    too, but not the very same call.
    """
    with app.nonces.once(call) as fresh:
        if not app.directory.put_tenant(command, again=not fresh):
            log.event("older than what is known", interface="tenant-sync", instance_id=command.instance_id)
        elif command.tenant.deleted:
            app.sessions.end_tenant(command.instance_id, command.tenant.tenant_id)
    return Done()


INTERFACE = Interface("tenant-sync", frozenset({"tenantSync"}), sync_tenant)
handler = endpoint(INTERFACE)
