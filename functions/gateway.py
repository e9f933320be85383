"""The single production address: picks the interface by ``activity``, or for organisation sync by the name in the path,
and imports only that one.
"""

from importlib import import_module

from shared.pipelines.marketplace import Interface, handler_for

__all__ = ["handler"]

MODULES = {
    "newInstance": "purchase",
    "refreshInstance": "renew",
    "expireInstance": "expire",
    "releaseInstance": "release",
    "upgrade": "upgrade",
    "upgradeInstance": "upgrade",
    "instanceStatus": "status",
    "updateInstanceStatus": "status",
    "queryInstance": "query",
    "changeInstanceCheck": "change_check",
    "orderNotify": "order_notify",
}
SYNC_MODULES = {
    "tenantSync": "org_sync.tenant",
    "applicationSync": "org_sync.application",
    "authSync": "org_sync.users",
    "singleOrgSync": "org_sync.departments",
    "allOrgSync": "org_sync.departments",
}


def find(activity: str) -> Interface | None:
    """The interface that serves ``activity``, or ``None``."""
    module = MODULES.get(activity) or SYNC_MODULES.get(activity)
    if module is None:
        return None
    interface: Interface = import_module(f"functions.{module}").INTERFACE
    return interface


handler = handler_for(find, sorted({f"functions.{module}" for module in MODULES.values()}))
