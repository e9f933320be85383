"""``koogallery retry``: carries out what an order has coming, through the interface that a call would have taken."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from shared.call import Call
from shared.commands import Command, Created, Outcome
from shared.repair.call import command_call
from shared.repair.due import Due
from shared.repair.step import RepairStep, StepResult, attempted

if TYPE_CHECKING:
    from shared.app import App

Operate: TypeAlias = Callable[[Command, Call, "App"], Outcome]
Find: TypeAlias = Callable[[str], Operate]
"""The operation of an interface, by the name of its module."""

SETTLED = ("nothing",)


def retried(app: "App", order_id: str, due: Due, find: Find, *, dry_run: bool = False) -> RepairStep:
    """Carry out what is due; a crash in between is mended by the next call, or by this again."""
    told = {"instance_id": due.instance_id, "order_id": order_id}
    if due.command is None:
        result = StepResult.NOTHING if due.what in SETTLED else StepResult.LEFT
        return RepairStep("retry", result, reason=due.what, **told)
    if dry_run:
        return RepairStep(due.what, StepResult.WOULD, **told)
    command, call = due.command, command_call(app, "retry", due.version, due.sent_at or app.clock.now())

    def carry_out() -> StepResult:
        outcome = find(due.interface)(command, call, app)
        late = isinstance(outcome, Created) and outcome.in_process
        return StepResult.PENDING if late else StepResult.DONE

    return attempted(due.what, carry_out, **told)
