"""``applicationSync``: a tenant's sign-in client for the application (joint operation, section 1.3)."""

from shared import log
from shared.app import App
from shared.call import Call
from shared.commands import Done, Outcome
from shared.directory.commands import SyncApplication
from shared.pipelines.marketplace import Interface, endpoint

__all__ = ["handler"]


def sync_application(command: SyncApplication, call: Call, app: App) -> Outcome:
    """Store the client, unless something newer is known. A deletion ends its sessions, a repeated one too; the very
    same call only what it did not come to.
    """
    with app.nonces.once(call) as since_ms:
        application = command.application
        if not app.directory.put_application(command):
            log.event("older than what is known", interface="application-sync", instance_id=command.instance_id)
        elif application.deleted:
            ids = (application.instance_id, application.tenant_id, application.app_id)
            app.sessions.end_application(*ids, since_ms)
    return Done()


INTERFACE = Interface("application-sync", frozenset({"applicationSync"}), sync_application)
handler = endpoint(INTERFACE)
