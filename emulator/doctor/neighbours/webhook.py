"""The seller's backend behind the webhook: asked about an instance that is not there, rightly and wrongly signed."""

from collections.abc import Iterator, Sequence

from emulator.doctor.diagnosis import Diagnosis, error, ok, warning
from emulator.doctor.neighbours.listing import listing
from emulator.doctor.neighbours.stranger import stranger
from emulator.doctor.patient import Patient
from emulator.texts import verbatim
from shared.clock import Clock, SystemClock
from shared.errors import ConfigurationError, KooGalleryError, ProvisioningError, Unavailable
from shared.outbound import ForbiddenAddress
from shared.provisioning.standard_webhooks import new_secret
from shared.provisioning.webhook import READ_TIMEOUT, WebhookProvisioner
from shared.provisioning.webhook_channel import NotUnderstood

LONG_AGO = -3600.0


def webhook(patient: Patient) -> Iterator[Diagnosis]:
    """Some questions, which change nothing."""
    settings = patient.settings
    if patient.value("KOOGALLERY_PROVISIONER") != "webhook" or not settings.webhook_url:
        return
    try:
        _ask(patient, settings.webhook_secrets, patient.clock)
    except ForbiddenAddress:
        yield error("webhook.private")
    except ConfigurationError as problem:
        yield error("webhook.refused", reason=verbatim(str(problem)))
    except Unavailable as problem:
        yield error("webhook.reach", reason=verbatim(str(problem)))
    else:
        yield ok("webhook.accepted")
        yield from _strangers(patient)
        yield from listing(patient)


def _strangers(patient: Patient) -> Iterator[Diagnosis]:
    """Who has not the secret, or sends again what was sent long ago, must not be heard."""
    if _heard(patient, [new_secret()], patient.clock):
        yield error("webhook.forged")
    elif _heard(patient, patient.settings.webhook_secrets, SystemClock(LONG_AGO)):
        yield warning("webhook.replayed")
    else:
        yield ok("webhook.strict")


def _heard(patient: Patient, signing: Sequence[str], clock: Clock) -> bool:
    try:
        _ask(patient, signing, clock)
    except KooGalleryError:
        return False
    return True


def _ask(patient: Patient, signing: Sequence[str], clock: Clock) -> None:
    """:raises KooGalleryError: the backend does not listen to who signs so, or does not answer."""
    settings = patient.settings
    asked = WebhookProvisioner(settings.webhook_url, signing, READ_TIMEOUT, settings.webhook_allow_private, clock)
    try:
        asked.describe(stranger())
    except (ProvisioningError, NotUnderstood):
        return  # it was read, and refused for what it asks
