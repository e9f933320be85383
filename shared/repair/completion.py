"""``koogallery complete``: carries on with a pending creation now, or ends it with what was made by hand."""

from typing import TYPE_CHECKING

from shared.instance.pending import made_by_hand, resume
from shared.provisioning import Access, State
from shared.repair.call import patience
from shared.repair.step import RepairStep, StepResult, attempted

if TYPE_CHECKING:
    from shared.app import App


def completed(app: "App", instance_id: str, access: Access | None = None, *, dry_run: bool = False) -> RepairStep:
    """Ask the provisioner once more for a pending instance; with ``access`` it is not asked, and that is the instance.

    A creation that was undone is not pending: its order must be restarted.
    """
    record = app.instances.get(instance_id)
    if record is None:
        return RepairStep("complete", StepResult.LEFT, instance_id, reason="no-instance")
    told = {"instance_id": instance_id, "order_id": record.order_id}
    if record.state is not State.PENDING:
        result = StepResult.LEFT if record.undone else StepResult.NOTHING
        return RepairStep("complete", result, reason="undone" if record.undone else "", **told)
    if record.leased(app.clock.now()):
        return RepairStep("complete", StepResult.PENDING, reason="at-work", **told)
    if dry_run:
        return RepairStep("complete", StepResult.WOULD, **told)

    def carry_on() -> StepResult:
        after = made_by_hand(app, record, access, patience(app)) if access else resume(app, record, patience(app))
        return StepResult.PENDING if after.state is State.PENDING else StepResult.DONE

    return attempted("complete", carry_on, **told)
