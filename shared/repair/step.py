"""What a command did, or would do, about one thing."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from shared import log
from shared.errors import InProcess
from shared.instance.history import reason_of


class StepResult(StrEnum):
    """``WOULD``: in a dry run. ``LEFT``: it cannot be done by the command; the reason says why."""

    DONE = "done"
    PENDING = "pending"
    NOTHING = "nothing"
    WOULD = "would"
    FAILED = "failed"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class RepairStep:
    """``what`` was wanted of which instance or order. ``reason``: a word of ``emulator/texts/repair.toml``, or what an
    error says.
    """

    what: str
    result: StepResult
    instance_id: str = ""
    order_id: str = ""
    reason: str = ""

    @property
    def well(self) -> bool:
        """Is nothing left to do?"""
        return self.result in (StepResult.DONE, StepResult.NOTHING, StepResult.WOULD)


def attempted(what: str, work: Callable[[], StepResult], *, instance_id: str = "", order_id: str = "") -> RepairStep:
    """What became of ``work``, whose log lines name the instance and the order; whatever it raises is a result too, and
    logged.
    """
    told = {"instance_id": instance_id, "order_id": order_id}
    known = {name: value for name, value in told.items() if value}
    try:
        with log.about(**known):
            return RepairStep(what, work(), **told)
    except InProcess as error:
        return RepairStep(what, StepResult.PENDING, reason=str(error), **told)
    except Exception as error:  # noqa: BLE001 - whatever a provisioner raises
        log.failure("a command came to nothing", error, **known)
        return RepairStep(what, StepResult.FAILED, reason=reason_of(error), **told)
