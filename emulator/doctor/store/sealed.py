"""Does the storage key open what is stored?"""

from collections.abc import Iterator
from typing import Any

from emulator.doctor.diagnosis import Diagnosis, error, ok
from emulator.doctor.patient import Patient
from emulator.doctor.store.samples import samples
from shared.errors import ConfigurationError
from shared.store.cipher import SEALED, StorageCipher


def sealed(patient: Patient) -> Iterator[Diagnosis]:
    """Some of what is sealed is opened, and looked at by nobody."""
    keys = patient.keys("KOOGALLERY_STORAGE_KEY")
    if not keys:
        return
    tokens = [token for item in samples(patient) for token in _tokens(item)]
    try:
        cipher = StorageCipher(keys)
    except ConfigurationError:
        return  # keys.storage
    closed = sum(not _opens(cipher, token) for token in tokens)
    if closed:
        yield error("store.sealed", closed=closed, count=len(tokens))
    else:
        yield ok("store.opened", count=len(tokens)) if tokens else ok("store.nothing-sealed")


def _tokens(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _tokens(each)
    elif isinstance(value, str) and SEALED.fullmatch(value):
        yield value


def _opens(cipher: StorageCipher, token: str) -> bool:
    try:
        cipher.open(token)
    except ConfigurationError:
        return False
    return True
