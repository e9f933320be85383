"""Does the seller's own part tell which instances it has, and rightly so?"""

from collections.abc import Iterator

from emulator.doctor.diagnosis import Diagnosis, ok, warning
from emulator.doctor.patient import Patient
from emulator.texts import verbatim
from shared.errors import KooGalleryError
from shared.provisioning import InstanceLister
from shared.provisioning.listing import instances_of

SECONDS = 5.0
"""For all pages that are asked for."""


def listing(patient: Patient) -> Iterator[Diagnosis]:
    """Its own list, if it has one: who has none is told nothing."""
    lister = patient.app.provisioner
    if not isinstance(lister, InstanceLister):
        return
    try:
        told = instances_of(lister, patient.deadline(SECONDS))
    except KooGalleryError as problem:
        yield warning("provisioner.listing", reason=verbatim(str(problem)))
    except Exception as problem:  # noqa: BLE001 - the seller's own code; its text may quote a secret
        yield warning("provisioner.listing", reason=verbatim(type(problem).__name__))
    else:
        if told is not None:
            yield ok("provisioner.lists", count=len(told[0]))
