"""Is there a store, with every table?"""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from emulator.doctor.diagnosis import Diagnosis, error, ok, warning
from emulator.doctor.patient import Patient
from emulator.texts import verbatim
from shared.errors import KooGalleryError, NotSet
from shared.outbound import is_loopback
from shared.store.table import NAMES

NO_ITEM = "koogallery-doctor"
"""A partition that nothing is ever stored in for long."""
_VERIFIED = ("verify-full", "verify-ca")


def reach(patient: Patient) -> Iterator[Diagnosis]:
    """Something is looked up in each table."""
    engine, place = patient.settings.store
    if engine == "sqlite" and not Path(place).exists():
        yield warning("store.new")
    if engine == "postgresql":
        yield from link(place)
    for name in NAMES:
        try:
            patient.app.tables.table(name).get(NO_ITEM)
        except NotSet as problem:
            yield error("store.reach", reason=verbatim(str(problem)))
            return
        except KooGalleryError as problem:
            if "ResourceNotFound" in str(problem):
                yield error("store.table", table=name)
                continue
            yield error("store.reach", reason=verbatim(str(problem)))
            return
    yield ok("store.reached", engine=engine)


def link(url: str) -> Iterator[Diagnosis]:
    """On its way to another machine everything that is stored can be read, unless the server has proved who it is."""
    parts = urlsplit(url)
    mode = parse_qs(parts.query).get("sslmode", [""])[-1]
    if parts.hostname and not is_loopback(parts.hostname) and mode not in _VERIFIED:
        yield warning("store.link")
