"""The hosts of the open API: reached, and agreed with on the time."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from emulator.doctor.diagnosis import Diagnosis, error, graded, ok, warning
from emulator.doctor.patient import Patient
from emulator.doctor.skew import skew
from emulator.texts import verbatim
from shared.errors import KooGalleryError

FAR, OFF = 30.0, 5.0
"""Seconds of difference that use up half the minute a call of version 2 is good for, and that want looking at."""


def hosts(patient: Patient) -> Iterator[Diagnosis]:
    """Each is called once. Who is only called, in version 1, can do without."""
    needed = patient.value("KOOGALLERY_ACCESS_KEY") or patient.value("KOOGALLERY_AK")
    found = [_host(patient, url) for url in patient.settings.api_urls]
    reached = [each for each in found if each.check != "open-api.reach"]
    for each in found:
        yield each if each in reached or (needed and not reached) else warning(each.check, **each.text.parameters)


def _host(patient: Patient, url: str) -> Diagnosis:
    host = urlsplit(url).netloc
    try:
        apart = skew(patient, url)
    except KooGalleryError as problem:
        return error("open-api.reach", host=host, reason=verbatim(str(problem)))
    if apart is None:
        return warning("clock.untold", host=host)
    if abs(apart) > OFF:
        return graded("clock.skew", severe=abs(apart) > FAR, host=host, seconds=f"{abs(apart):.0f}")
    return ok("clock.right", host=host)
