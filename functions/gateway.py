"""The single production address: picks the interface by ``activity`` and imports only that one."""

from importlib import import_module

from shared.endpoint import Interface, handler_for

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


def find(activity: str) -> Interface | None:
    """The interface that serves ``activity``, or ``None``."""
    if activity not in MODULES:
        return None
    interface: Interface = import_module(f"functions.{MODULES[activity]}").INTERFACE
    return interface


handler = handler_for(find)
