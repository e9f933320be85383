"""What the sweep found and cannot mend, and how near the product is to being delisted."""

from collections.abc import Iterator

from emulator.doctor.diagnosis import Diagnosis, error, ok, warning
from emulator.doctor.patient import Patient
from emulator.texts import verbatim
from shared.errors import KooGalleryError
from shared.watch.findings import findings
from shared.watch.risk import risk

MOST = 20


def found(patient: Patient) -> Iterator[Diagnosis]:
    """Each finding, and the risk."""
    try:
        present, kept = risk(patient.app), findings(patient.app)
    except KooGalleryError:
        return  # store.reach and its like
    if present.is_high:
        yield error("sweep.risk", orders=len(present.failed_orders), days=present.failing_days)
    for each in kept[:MOST]:
        yield warning(
            "sweep.found", check=verbatim(each.check), subject=verbatim(each.subject), command=verbatim(each.mended_by)
        )
    if not (kept or present.is_high):
        yield ok("sweep.content")
