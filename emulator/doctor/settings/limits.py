"""Values that can be read and yet do harm."""

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from emulator.doctor.diagnosis import Diagnosis, error, warning
from emulator.doctor.patient import Patient
from emulator.wire.client import TIMEOUT
from shared.errors import ConfigurationError
from shared.outbound import is_loopback

SYNC_SECONDS = 5.0
"""For which the sync interfaces wait (joint operation)."""
REFUND_SECONDS = 3 * 3600.0
"""After which the marketplace refunds what is still pending (production interfaces, section 2.1)."""


def limits(patient: Patient) -> Iterator[Diagnosis]:
    """Each kind for itself: what of them cannot be read is told of elsewhere."""
    for check in (_times, _demo, _store, _addresses):
        with suppress(ConfigurationError):
            yield from check(patient)


def _times(patient: Patient) -> Iterator[Diagnosis]:
    settings = patient.settings
    if settings.deadline >= TIMEOUT:
        yield error("settings.deadline", seconds=f"{settings.deadline:g}")
    elif settings.deadline > SYNC_SECONDS:
        yield warning("settings.slow", seconds=f"{settings.deadline:g}")
    if settings.give_up.total_seconds() < REFUND_SECONDS:
        yield warning("settings.give-up")
    if settings.v1_window:
        yield warning("settings.window")
    if patient.value("KOOGALLERY_PROVISIONER") == "webhook":
        lease, timeout = settings.lease.total_seconds(), settings.webhook_timeout
        if lease <= timeout:
            yield error("settings.lease", lease=f"{lease:g}", timeout=f"{timeout:g}")


def _demo(patient: Patient) -> Iterator[Diagnosis]:
    if patient.value("KOOGALLERY_PROVISIONER") == "demo":
        yield patient.worse("settings.demo")


def _store(patient: Patient) -> Iterator[Diagnosis]:
    engine, path = patient.settings.store
    if engine == "sqlite" and Path(path).resolve().is_relative_to(Path(tempfile.gettempdir()).resolve()):
        yield warning("settings.temporary")


def _addresses(patient: Patient) -> Iterator[Diagnosis]:
    if any(is_loopback(urlsplit(url).hostname or "") for url in patient.settings.api_urls):
        yield patient.worse("settings.api-local")
    public, app = (urlsplit(patient.value(f"KOOGALLERY_{name}_URL")) for name in ("PUBLIC", "APP"))
    base = patient.settings.base_path
    if base != "/" and public.path.rstrip("/").endswith(base):
        yield error("settings.public-path", base=base)
    login = patient.value("KOOGALLERY_APP_ID") and public.hostname and app.hostname
    if login and _site(public.hostname or "") != _site(app.hostname or ""):
        yield warning("settings.sites")


def _site(host: str) -> list[str]:
    """The last two parts of a name: what differs in them is on no one site, whatever the public suffix."""
    return host.split(".")[-2:]
