"""Settings that need each other, and those that have no effect without another."""

from collections.abc import Iterator

from emulator.doctor.diagnosis import Diagnosis, error, warning
from emulator.doctor.patient import Patient

_VERSIONS = ("KOOGALLERY_KEY", "KOOGALLERY_ACCESS_KEY")
_ALWAYS = ("KOOGALLERY_STORAGE_KEY", "KOOGALLERY_PROVISIONER")
_NEEDS = {
    "KOOGALLERY_ACCESS_KEY": ("KOOGALLERY_AK", "KOOGALLERY_SK"),
    "KOOGALLERY_AK": ("KOOGALLERY_SK",),
    "KOOGALLERY_SK": ("KOOGALLERY_AK",),
    "KOOGALLERY_DYNAMODB_ACCESS_KEY": ("KOOGALLERY_DYNAMODB_SECRET_KEY",),
    "KOOGALLERY_DYNAMODB_SECRET_KEY": ("KOOGALLERY_DYNAMODB_ACCESS_KEY",),
    "KOOGALLERY_EVENTS_URL": ("KOOGALLERY_EVENTS_SECRET",),
    "KOOGALLERY_APP_ID": ("KOOGALLERY_SESSION_KEY", "KOOGALLERY_PUBLIC_URL", "KOOGALLERY_APP_URL"),
}
_LOGIN = ("KOOGALLERY_SESSION_KEY", "KOOGALLERY_EMBEDDED", "KOOGALLERY_CAS")
_WEBHOOK = ("KOOGALLERY_WEBHOOK_URL", "KOOGALLERY_WEBHOOK_SECRET")
_DYNAMODB = ("KOOGALLERY_DYNAMODB_ENDPOINT", "KOOGALLERY_DYNAMODB_ACCESS_KEY", "KOOGALLERY_DYNAMODB_SECRET_KEY")


def pairs(patient: Patient) -> Iterator[Diagnosis]:
    """What is missing, and what is set in vain."""
    if not any(map(patient.value, _VERSIONS)):
        yield error("settings.no-version")
    for name in _ALWAYS:
        if not _is_set(patient, name):
            yield error("settings.missing", name=name)
    missing: dict[str, str] = {}
    for name, needed in _needs(patient):
        missing |= {each: name for each in needed if not _is_set(patient, each) and each not in missing}
    for each, name in missing.items():
        yield error("settings.half", name=name, missing=each)
    for name, other in _idle(patient):
        if _is_set(patient, name):
            yield warning("settings.idle", name=name, other=other)


def _needs(patient: Patient) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from ((name, needed) for name, needed in _NEEDS.items() if patient.value(name))
    if patient.value("KOOGALLERY_PROVISIONER") == "webhook":
        yield "KOOGALLERY_PROVISIONER", _WEBHOOK


def _idle(patient: Patient) -> Iterator[tuple[str, str]]:
    if patient.value("KOOGALLERY_PROVISIONER") not in ("", "webhook"):
        yield from ((name, "KOOGALLERY_PROVISIONER=webhook") for name in _WEBHOOK)
    if patient.value("KOOGALLERY_STORE") not in ("", "dynamodb"):
        yield from ((name, "KOOGALLERY_STORE=dynamodb") for name in _DYNAMODB)
    if not _is_set(patient, "KOOGALLERY_APP_ID"):
        yield from ((name, "KOOGALLERY_APP_ID") for name in _LOGIN)


def _is_set(patient: Patient, name: str) -> bool:
    """Set at all: one that cannot be read is told of elsewhere."""
    return bool(patient.value(name) or patient.environ.get(name, "").strip())
