"""Every group of checks, side by side, and none of them for long."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from emulator.doctor import address, keys, settings, store
from emulator.doctor.diagnosis import Diagnosis, error
from emulator.doctor.neighbours.hosts import hosts
from emulator.doctor.neighbours.orders import orders
from emulator.doctor.neighbours.provisioner import provisioner
from emulator.doctor.neighbours.pushes import pushes
from emulator.doctor.neighbours.webhook import webhook
from emulator.doctor.patient import Patient
from shared.clock import Deadline
from shared.timeouts import each_within

Examine: TypeAlias = Callable[[Patient], Iterator[Diagnosis]]

GROUPS: Mapping[str, Sequence[Examine]] = {
    "settings": settings.CHECKS,
    "keys": keys.CHECKS,
    "store": store.CHECKS,
    "open-api": (hosts, orders, pushes),
    "provisioner": (provisioner,),
    "webhook": (webhook,),
    "address": address.CHECKS,
}
"""In the order in which their findings are shown. The checks of a group come one after the other."""
SECONDS = 25.0
"""For all groups together. What hangs for longer is told of, and left behind."""


def examine(
    patient: Patient, seconds: float = SECONDS, told: Callable[[str], None] = lambda _group: None
) -> list[Diagnosis]:
    """All findings, group by group. ``told`` hears of each group that has ended."""

    def of_group(name: str) -> list[Diagnosis]:
        found = [each for check in GROUPS[name] for each in _findings(check, patient)]
        told(name)
        return found

    found = each_within(Deadline(patient.clock, seconds), of_group, list(GROUPS), len(GROUPS))
    return [
        each
        for name, findings in zip(GROUPS, found, strict=True)
        for each in (findings if findings is not None else [error("run.late", group=name)])
    ]


def _findings(check: Examine, patient: Patient) -> Iterator[Diagnosis]:
    """Those of a check, up to where it fails: what is unforeseen is told of by its kind, as its text may quote a
    value.
    """
    try:
        yield from check(patient)
    except Exception as problem:  # noqa: BLE001 - a check that fails must not keep the others from being made
        yield error("run.failed", check=check.__name__, kind=type(problem).__name__)
