"""The usage push with the real keys: without a record there is nothing to bill."""

from collections.abc import Iterator

from emulator.doctor.diagnosis import Diagnosis, graded, ok, warning
from emulator.doctor.patient import Patient
from emulator.texts import verbatim
from shared.errors import ConfigurationError, Unavailable
from shared.openapi.usage_codes import Advice, advice_for_call

SECONDS = 6.0
_UNPROVED = (Advice.RETRY, Advice.SMALLER)


def pushes(patient: Patient) -> Iterator[Diagnosis]:
    """An empty list is refused for what it is, once the signature has been accepted. In which order the marketplace
    looks at the two is not documented, so this is a strong hint and no proof.
    """
    own = patient.value("KOOGALLERY_USAGE_KEY")
    if not (own or patient.value("KOOGALLERY_ACCESS_KEY")):
        return
    try:
        answer = patient.app.usage_push.push([], patient.deadline(SECONDS))
    except ConfigurationError:
        return  # settings.half
    except Unavailable as problem:
        yield warning("open-api.push-unproved", reason=verbatim(str(problem)))
        return
    code = answer.code or f"HTTP {answer.status}"
    advice = advice_for_call(answer.code, answer.status)
    if advice is Advice.STOP:
        yield graded("open-api.push-refused", severe=bool(own), code=code)
    elif advice in _UNPROVED:
        yield warning("open-api.push-unproved", reason=verbatim(code))
    else:
        yield ok("open-api.push", code=code)
