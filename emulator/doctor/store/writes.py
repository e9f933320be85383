"""Everything stands on conditional writes: an engine that lets two of them through creates two instances."""

import uuid
from collections.abc import Callable, Iterator

from emulator.doctor.diagnosis import Diagnosis, error, ok
from emulator.doctor.patient import Patient
from emulator.doctor.store.reach import NO_ITEM
from emulator.texts import verbatim
from shared.errors import KooGalleryError
from shared.store.table import WHOLE, Exists, Item, Stale

SECONDS = 300
"""After which what was written counts as absent, should it not have been removed."""


def writes(patient: Patient) -> Iterator[Diagnosis]:
    """An item is made, made again, replaced by who has not seen it, and removed."""
    expires = int(patient.clock.now().timestamp()) + SECONDS
    item: Item = {"pk": f"{NO_ITEM}#{uuid.uuid4().hex}", "sk": WHOLE, "expires": expires}
    table = patient.app.tables.table("idempotency")
    try:
        table.create(item)
        true = _refuses(Exists, table.create, item) and _refuses(Stale, table.replace, {**item, "version": 7})
        if written := table.get(item["pk"]):
            table.delete(written)
    except KooGalleryError as problem:
        yield error("store.write", reason=verbatim(str(problem)))
    else:
        yield ok("store.conditions") if true and written else error("store.unconditional")


def _refuses(how: type[Exception], write: Callable[[Item], object], item: Item) -> bool:
    try:
        write(item)
    except how:
        return True
    return False
