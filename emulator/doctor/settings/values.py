"""Values that cannot be read, and those that everybody knows."""

from collections.abc import Iterator

from emulator.doctor.diagnosis import Diagnosis, error, ok
from emulator.doctor.patient import Patient
from emulator.doctor.settings.names import known_names, readable
from emulator.texts import verbatim
from shared.development_keys import KEYS, PRIVATE_KEYS, published
from shared.errors import ConfigurationError, NotSet


def values(patient: Patient) -> Iterator[Diagnosis]:
    """Every setting is read as the bundle reads it."""
    problems = list(dict.fromkeys(_problems(patient)))
    for problem in problems:
        yield error("settings.value", reason=verbatim(problem))
    for name in (*KEYS, *PRIVATE_KEYS):
        if published(patient.value(name)):
            yield error("settings.development", name=name)
    if patient.environ.get("KOOGALLERY_CLOCK_OFFSET", "").strip() not in ("", "0"):
        yield error("settings.clock-offset")
    if not problems:
        yield ok("settings.read", count=sum(bool(patient.value(name)) for name in known_names()))


def _problems(patient: Patient) -> Iterator[str]:
    for name in readable():
        try:
            getattr(patient.settings, name)
        except NotSet:
            continue  # what is needed depends on what else is set: pairs.py
        except ConfigurationError as problem:
            yield str(problem)
