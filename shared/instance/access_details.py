"""How the buyer gets into an instance, as it is now."""

from typing import TYPE_CHECKING

from shared import log
from shared.instance.record import InstanceRecord
from shared.provisioning import Access, State
from shared.provisioning.access import check_access

if TYPE_CHECKING:
    from shared.app import App


def current_access(app: "App", record: InstanceRecord) -> Access | None:
    """As stored where the provisioner cannot tell, or the instance is released (section 2.1: never an old answer on
    purpose).
    """
    if record.state is State.RELEASED:
        return record.access
    try:
        described = app.provisioner.describe(record.instance())
        return check_access(described) if isinstance(described, Access) else record.access
    except Exception as error:  # noqa: BLE001 - the stored ones are the best answer there is
        log.failure("the provisioner cannot describe an instance", error, instance_id=record.instance_id)
        return record.access
