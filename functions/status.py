"""``instanceStatus`` and ``updateInstanceStatus``: freeze, unfreeze (production interfaces, sections 2.6 and 3.4)."""

from shared.app import App
from shared.call import Call
from shared.commands import Freeze, Outcome, Unfreeze
from shared.instance.freezing import freeze, unfreeze
from shared.pipelines.marketplace import Interface, endpoint

__all__ = ["handler"]


def change_status(command: Freeze | Unfreeze, call: Call, app: App) -> Outcome:
    """Bring the instance into the state asked for."""
    return freeze(command, call, app) if isinstance(command, Freeze) else unfreeze(command, call, app)


INTERFACE = Interface("status", frozenset({"instanceStatus", "updateInstanceStatus"}), change_status)
handler = endpoint(INTERFACE)
