"""Every group of checks, side by side, and none of them for long."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from emulator.doctor import keys, settings
from emulator.doctor.address import address
from emulator.doctor.diagnosis import Diagnosis, error
from emulator.doctor.neighbours.events import events
from emulator.doctor.neighbours.hosts import hosts
from emulator.doctor.neighbours.orders import orders
from emulator.doctor.neighbours.provisioner import provisioner
from emulator.doctor.neighbours.pushes import pushes
from emulator.doctor.neighbours.webhook import webhook
from emulator.doctor.patient import Patient
from emulator.doctor.store import store
from shared.clock import Deadline
from shared.timeouts import each_within

Examine: TypeAlias = Callable[[Patient], Iterator[Diagnosis]]

GROUPS: Mapping[str, Sequence[Examine]] = {
    "settings": settings.CHECKS,
    "keys": keys.CHECKS,
    "store": (store,),
    "open-api": (hosts, orders, pushes),
    "provisioner": (provisioner,),
    "webhook": (webhook,),
    "events": (events,),
    "address": (address,),
}
"""In the order in which their findings are shown. The checks of a group come one after the other."""
SECONDS = 25.0
"""For all groups together. What hangs for longer is told of, and left behind."""


def examine(
    patient: Patient,
    seconds: float = SECONDS,
    told: Callable[[str], None] = lambda _group: None,
    groups: Mapping[str, Sequence[Examine]] = GROUPS,
) -> list[Diagnosis]:
    """All findings, group by group. ``told`` hears of each group that has ended."""
    found: dict[str, list[Diagnosis]] = {name: [] for name in groups}

    def of_group(name: str) -> str:
        for check in groups[name]:
            for each in _findings(check, patient):
                found[name].append(each)
        told(name)
        return name

    ended = each_within(Deadline(patient.clock, seconds), of_group, list(groups), len(groups))
    late = {name: [] if name in ended else [error("run.late", group=name)] for name in groups}
    return [each for name in groups for each in (*found[name], *late[name])]


def _findings(check: Examine, patient: Patient) -> Iterator[Diagnosis]:
    """Those of a check, up to where it fails: what is unforeseen is told of by its kind, as its text may quote a
    value.
    """
    try:
        yield from check(patient)
    except (Exception, SystemExit) as problem:  # noqa: BLE001 - a check that fails must not keep the others from being made
        yield error("run.failed", check=check.__name__, kind=type(problem).__name__)
