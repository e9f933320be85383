"""Which settings there are, and what only looks like one."""

import json
from collections.abc import Iterator
from contextlib import suppress
from difflib import get_close_matches
from functools import cache

from emulator.doctor.diagnosis import Diagnosis, error, warning
from emulator.doctor.patient import Patient
from emulator.marketplace.catalogue.product_files import SETTING as PRODUCTS
from shared.config import Setting, Settings
from shared.config.values import TOGETHER
from shared.errors import ConfigurationError

AS_THEY_ARE = (
    "KOOGALLERY_CLOCK_OFFSET",
    "KOOGALLERY_CSMS_MACHINE",
    "KOOGALLERY_CSMS_PROJECT",
    "KOOGALLERY_CSMS_URL",
)
"""Those that are needed before a secret can be read, so they are none and stand in no other setting."""
_BEGINNING, _MISSPELT = "KOOGALLERY_", ("KOO", "KOG")
_ALIKE, _NEARLY_THE_SAME = 0.75, 0.9


def names(patient: Patient) -> Iterator[Diagnosis]:
    """Names that no part of the bundle asks for, settings that stand where they are not looked for, and quotes that a
    shell would have taken away.
    """
    together = _together(patient)
    for name in sorted({*patient.environ, *together}):
        if name.upper().startswith(_MISSPELT) and name not in known_names():
            yield from _unknown(name)
    for name in sorted(together & {*AS_THEY_ARE, TOGETHER}):
        yield error("settings.alone", name=name)
    for name in sorted(known_names() & patient.environ.keys()):
        if _quoted(patient.environ[name].strip()):
            yield error("settings.quotes", name=name)


def readable() -> list[str]:
    """What :class:`shared.config.Settings` calls its settings."""
    return [name for name, member in vars(Settings).items() if isinstance(member, Setting | property)]


@cache
def known_names() -> frozenset[str]:
    """The names that the settings ask for, whether others are set or not."""
    asked = {*AS_THEY_ARE, PRODUCTS}
    for value in (None, "on"):

        def lookup(name: str, value: str | None = value) -> str | None:
            asked.add(name)
            return value

        settings = Settings(lookup, lambda _store, _name: "")
        for member in readable():
            with suppress(ConfigurationError):
                getattr(settings, member)
    return frozenset(asked)


def _unknown(name: str) -> Iterator[Diagnosis]:
    if right := _nearest(name.upper()):
        yield error("settings.misspelt", name=name, right=right)
    elif name.startswith(_BEGINNING):
        yield warning("settings.unknown", name=name)


def _nearest(name: str) -> str:
    """The setting that was meant; empty if none is near. All begin alike, which says nothing."""
    if not name.startswith(_BEGINNING):
        return next(iter(get_close_matches(name, known_names(), 1, _NEARLY_THE_SAME)), "")
    ends = {each.removeprefix(_BEGINNING): each for each in known_names()}
    found = get_close_matches(name.removeprefix(_BEGINNING), ends, 1, _ALIKE)
    return ends[found[0]] if found else ""


def _together(patient: Patient) -> set[str]:
    try:
        members = json.loads(patient.value(TOGETHER) or "{}")
    except ValueError:
        return set()
    return set(members) if isinstance(members, dict) else set()


def _quoted(value: str) -> bool:
    return len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
