"""The store: reached, complete, true to its conditions, and sealed with the key there is."""

from collections.abc import Iterator

from emulator.doctor.diagnosis import Diagnosis
from emulator.doctor.patient import Patient
from emulator.doctor.store.dynamodb import service
from emulator.doctor.store.found import found as sweep_found
from emulator.doctor.store.reach import reach
from emulator.doctor.store.sealed import sealed
from emulator.doctor.store.timers import timers
from emulator.doctor.store.writes import writes


def store(patient: Patient) -> Iterator[Diagnosis]:
    """Everything, as far as the store is reached: each further call to one that is not takes seconds to fail."""
    found = list(reach(patient))
    yield from found
    if not any(each.check == "store.reach" for each in found):
        for check in (service, writes, sealed, timers, sweep_found):
            yield from check(patient)
