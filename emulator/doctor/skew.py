"""How far this machine's clock is from another one's, by the ``Date`` of an answer (RFC 9110, section 6.6.1)."""

from datetime import UTC
from email.utils import parsedate_to_datetime

from emulator.doctor.patient import Patient
from shared.outbound import Reach, shared_client

SECONDS = 4.0
HALF = 0.5
"""A ``Date`` has whole seconds, cut off."""


def skew(patient: Patient, url: str, reach: Reach = Reach.ANYWHERE) -> float | None:
    """Seconds by which this clock is ahead; ``None`` if the answer does not say.

    :raises shared.errors.Unavailable: there is no answer.
    :raises shared.errors.ConfigurationError: the address cannot be called.
    """
    before = patient.clock.now()
    answer = shared_client().send(
        "GET", f"{url.rstrip('/')}/", headers={}, deadline=patient.deadline(SECONDS), reach=reach
    )
    middle = before + (patient.clock.now() - before) / 2
    try:
        date = parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError):
        return None
    return (middle - date.replace(tzinfo=date.tzinfo or UTC)).total_seconds() - HALF
