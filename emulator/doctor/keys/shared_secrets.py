"""Keys that two sides know: their length and kind, and whether two of them are one."""

import re
from collections.abc import Iterator
from itertools import combinations

from emulator.doctor.diagnosis import Diagnosis, error, ok, warning
from emulator.doctor.patient import Patient
from shared.errors import ConfigurationError
from shared.provisioning.standard_webhooks import read_secret
from shared.store.cipher import StorageCipher

CONSOLE = (
    "KOOGALLERY_KEY",
    "KOOGALLERY_ACCESS_KEY",
    "KOOGALLERY_NOTIFY_ACCESS_KEY",
    "KOOGALLERY_SYNC_ACCESS_KEY",
    "KOOGALLERY_USAGE_KEY",
)
"""Made by the seller console."""
OWN = (
    "KOOGALLERY_STORAGE_KEY",
    "KOOGALLERY_APP_TOKEN",
    "KOOGALLERY_WEBHOOK_SECRET",
    "KOOGALLERY_EVENTS_SECRET",
    "KOOGALLERY_SK",
    "KOOGALLERY_DYNAMODB_SECRET_KEY",
)
"""Each known to another neighbour, so none of them may be the same as any other key."""
SHORT, PASSPHRASE = 16, 32
"""Characters of a key, and of a pass phrase that seals what is stored, below which it can be guessed."""
_AK, _PLACEHOLDER = (
    re.compile(r"[A-Z0-9]{20}"),
    re.compile(r"<.*>|\$\{.*\}|x{4,}|(change|replace)[-_ ]?(me|this)", re.IGNORECASE),
)


def forms(patient: Patient) -> Iterator[Diagnosis]:
    """Are they as long, and of the kind, that they should be?"""
    for name in (*CONSOLE, *OWN, "KOOGALLERY_AK"):
        keys = patient.keys(name)
        if any(_PLACEHOLDER.fullmatch(key) for key in keys):
            yield error("keys.placeholder", name=name)
        elif name in CONSOLE and min(map(len, keys), default=SHORT) < SHORT:
            yield warning("keys.short", name=name)
        if len(set(keys)) < len(keys):
            yield warning("keys.twice", name=name)
    yield from _access_key(patient)
    yield from _storage(patient)
    yield from _webhook(patient)


def equal(patient: Patient) -> Iterator[Diagnosis]:
    """Is a key used for two things? What of the console's may be one is left alone: it lets one key stand for several
    classes of interfaces.
    """
    held = {name: set(patient.keys(name)) for name in (*CONSOLE, *OWN)}
    same = [(one, other) for one, other in combinations(held, 2) if held[one] & held[other] and _apart(one, other)]
    for one, other in same:
        yield error("keys.equal", one=one, other=other)
    if not same and any(held.values()):
        yield ok("keys.different", count=sum(map(bool, held.values())))


def _apart(one: str, other: str) -> bool:
    return bool({one, other} & {*OWN, "KOOGALLERY_KEY"})


def _access_key(patient: Patient) -> Iterator[Diagnosis]:
    ak, sk = patient.value("KOOGALLERY_AK"), patient.value("KOOGALLERY_SK")
    if _AK.fullmatch(sk) and not _AK.fullmatch(ak):
        yield error("keys.swapped")
    elif ak and not _AK.fullmatch(ak):
        yield warning("keys.ak")


def _storage(patient: Patient) -> Iterator[Diagnosis]:
    if keys := patient.keys("KOOGALLERY_STORAGE_KEY"):
        try:
            StorageCipher(keys).prepare_for_calls()
        except (ConfigurationError, ValueError):
            yield error("keys.storage")
        else:
            if min(map(len, keys)) < PASSPHRASE:
                yield warning("keys.passphrase")


def _webhook(patient: Patient) -> Iterator[Diagnosis]:
    for name in ("KOOGALLERY_WEBHOOK_SECRET", "KOOGALLERY_EVENTS_SECRET"):
        for secret in patient.keys(name):
            try:
                read_secret(secret)
            except ConfigurationError:
                yield error("keys.webhook", name=name)
