"""``singleOrgSync`` and ``allOrgSync``: departments, one by one or all at once (joint operation, sections 1.5, 1.6)."""

from shared.app import App
from shared.call import Call
from shared.commands import Done, Outcome
from shared.directory.commands import SyncDepartment, SyncDepartments
from shared.pipelines.marketplace import Interface, endpoint

__all__ = ["handler"]


def sync_departments(command: SyncDepartment | SyncDepartments, call: Call, app: App) -> Outcome:
    """Store what is said, unless something newer is known. A full list marks the others as stale, it deletes none."""
    with app.nonces.once(call):
        if isinstance(command, SyncDepartment):
            app.directory.put_department(command)
        else:
            app.directory.put_departments(command)
    return Done()


INTERFACE = Interface("department-sync", frozenset({"singleOrgSync", "allOrgSync"}), sync_departments)
handler = endpoint(INTERFACE)
