"""Private keys: readable, of the right kind and size, and of the pair whose public half the console holds."""

from collections.abc import Iterator

from emulator.doctor.diagnosis import Diagnosis, error, ok
from emulator.doctor.patient import Patient
from emulator.texts import verbatim
from emulator.wire.client_secret import encrypt_secret
from shared.errors import ConfigurationError, InvalidParameter
from shared.login.token import SessionTokens
from shared.protocol.client_secret import decrypt_secret

_SAMPLE = "a client secret"


def private(patient: Patient) -> Iterator[Diagnosis]:
    """Each is used as the bundle uses it."""
    yield from _rsa(patient)
    yield from _session(patient)


def _rsa(patient: Patient) -> Iterator[Diagnosis]:
    pem = patient.value("KOOGALLERY_RSA_PRIVATE_KEY")
    if not pem:
        if patient.public_key:
            yield error("keys.no-rsa")
        return
    try:
        decrypt_secret(pem, "")
    except ConfigurationError as problem:
        yield error("keys.rsa", reason=verbatim(str(problem)))
    except InvalidParameter:  # the keys can be used, and open nothing that is not there
        yield _pasted(pem, patient.public_key) if patient.public_key else ok("keys.rsa-usable")


def _pasted(pem: str, public_key: str) -> Diagnosis:
    try:
        opened = decrypt_secret(pem, encrypt_secret(public_key, _SAMPLE))
    except ValueError:
        return error("keys.rsa-public-unreadable")
    except InvalidParameter:
        return error("keys.rsa-other")
    return ok("keys.rsa-pasted") if opened == _SAMPLE else error("keys.rsa-other")


def _session(patient: Patient) -> Iterator[Diagnosis]:
    if pem := patient.value("KOOGALLERY_SESSION_KEY"):
        try:
            keys = SessionTokens(pem, "", "").key_set()["keys"]
        except ConfigurationError as problem:
            yield error("keys.session", reason=verbatim(str(problem)))
        else:
            yield ok("keys.session-pair", count=len(keys))
