"""Does the storage key open what is stored?"""

from collections.abc import Iterator
from contextlib import suppress

from emulator.doctor.diagnosis import Diagnosis, error, ok
from emulator.doctor.patient import Patient
from shared.errors import ConfigurationError, KooGalleryError
from shared.repair.reseal import sealed_texts
from shared.store.cipher import StorageCipher
from shared.store.table import Item

TABLES = ("instances", "directory", "sessions")
"""Where sealed things are."""
EACH = 50
"""Items of each that are looked at."""


def sealed(patient: Patient) -> Iterator[Diagnosis]:
    """Some of what is sealed is opened, and looked at by nobody."""
    keys = patient.keys("KOOGALLERY_STORAGE_KEY")
    if not keys:
        return
    tokens = [token for item in _samples(patient) for token in sealed_texts(item)]
    try:
        cipher = StorageCipher(keys)
    except ConfigurationError:
        return  # keys.storage
    closed = sum(not _opens(cipher, token) for token in tokens)
    if closed:
        yield error("store.sealed", closed=closed, count=len(tokens))
    else:
        yield ok("store.opened", count=len(tokens)) if tokens else ok("store.nothing-sealed")


def _samples(patient: Patient) -> Iterator[Item]:
    """Some of the items that are stored, whichever."""
    for name in TABLES:
        with suppress(KooGalleryError):  # GeminiDB knows no scans
            yield from patient.app.tables.table(name).scan(limit=EACH).items


def _opens(cipher: StorageCipher, token: str) -> bool:
    try:
        cipher.open(token)
    except ConfigurationError:
        return False
    return True
