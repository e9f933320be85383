"""The order query with the real access key, for an order that nobody placed."""

from collections.abc import Iterator

from emulator.doctor.diagnosis import Diagnosis, error, ok, warning
from emulator.doctor.patient import Patient
from emulator.texts import verbatim
from shared.errors import ConfigurationError, Unavailable
from shared.openapi.order import OrderNotFound

NO_ORDER = "CS0000000000DOCTOR"
SECONDS = 6.0


def orders(patient: Patient) -> Iterator[Diagnosis]:
    """Asked once: more than five refusals in a row lock the key for five minutes (metering and open APIs, 6.6)."""
    if not (patient.value("KOOGALLERY_AK") and patient.value("KOOGALLERY_SK")):
        return  # settings.half
    try:
        patient.app.orders.find(NO_ORDER, None, patient.deadline(SECONDS))
    except OrderNotFound:
        yield ok("open-api.orders")
    except ConfigurationError as problem:
        yield error("open-api.access-key", reason=verbatim(str(problem)))
    except Unavailable as problem:
        yield warning("open-api.orders-unproved", reason=verbatim(str(problem)))
