"""Is it an address that the seller console takes?"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from emulator.conformance.address import is_ip
from emulator.doctor.diagnosis import Diagnosis, error, warning
from emulator.doctor.patient import Patient
from shared.outbound import is_loopback


def place(patient: Patient) -> Iterator[Diagnosis]:
    """Scheme and name, before anything is sent."""
    target = urlsplit(patient.url)
    if not patient.url:
        yield warning("address.none")
    elif target.scheme not in ("http", "https") or not target.hostname or target.query or target.fragment:
        yield error("address.malformed")
    elif is_loopback(target.hostname):
        yield warning("address.local")
    else:
        if target.scheme == "http":
            yield error("address.plain")
        if is_ip(target.hostname):
            yield error("address.number")
