"""Whoever receives events: sent a message that says nothing, rightly and wrongly signed."""

from collections.abc import Iterator, Sequence

from emulator.doctor.diagnosis import Diagnosis, error, ok, warning
from emulator.doctor.patient import Patient
from emulator.texts import verbatim
from shared.errors import ConfigurationError, KooGalleryError, Unavailable
from shared.outbound import ForbiddenAddress
from shared.provisioning.standard_webhooks import new_secret
from shared.relay.receiver import NotTaken, Receiver


def events(patient: Patient) -> Iterator[Diagnosis]:
    """Nothing is looked at where there is nobody."""
    settings = patient.settings
    if not settings.events_url:
        return
    try:
        _test(patient, settings.events_secrets)
    except ForbiddenAddress:
        yield error("events.private")
    except ConfigurationError as problem:
        yield error("events.refused", reason=verbatim(str(problem)))
    except NotTaken as problem:
        yield warning("events.untaken", reason=verbatim(str(problem)))
    except Unavailable as problem:
        yield error("events.reach", reason=verbatim(str(problem)))
    else:
        yield ok("events.accepted")
        yield from _strangers(patient)


def _strangers(patient: Patient) -> Iterator[Diagnosis]:
    try:
        _test(patient, [new_secret()])
    except KooGalleryError:
        yield ok("events.strict")
    else:
        yield warning("events.forged")


def _test(patient: Patient, signing: Sequence[str]) -> None:
    """:raises KooGalleryError: as :meth:`shared.relay.receiver.Receiver.tell`."""
    Receiver(patient.settings, patient.clock, signing).test()
