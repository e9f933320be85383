"""The public address, called as the marketplace calls it."""

from collections.abc import Iterator

from emulator.doctor.address.place import place
from emulator.doctor.address.tls import tls
from emulator.doctor.address.way import way
from emulator.doctor.diagnosis import Diagnosis, Severity
from emulator.doctor.patient import Patient


def address(patient: Patient) -> Iterator[Diagnosis]:
    """Everything, as far as a secure connection comes about: without one no call does, which need not be said twice."""
    yield from place(patient)
    found = list(tls(patient))
    yield from found
    if not any(each.level is Severity.ERROR for each in found):
        yield from way(patient)
