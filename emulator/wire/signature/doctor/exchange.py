"""A call and its answer, examined together."""

from collections.abc import Iterator, Mapping

from emulator.wire.client import Answer
from emulator.wire.signature.doctor.answer import of_answer
from emulator.wire.signature.doctor.diagnosis import SignatureDiagnosis
from emulator.wire.signature.doctor.told import told
from shared.commands import Version
from shared.errors import ResultCode
from shared.http import HttpRequest

REFUSED = ResultCode.AUTHENTICATION_FAILED.value


def of_exchange(
    request: HttpRequest, version: Version, key: str, others: Mapping[str, str], *, answer: Answer, code: str
) -> Iterator[SignatureDiagnosis]:
    """What is wrong with the answer's signature, and what the answer gives away of how calls are verified.

    :param others: by :data:`emulator.wire.signature.doctor.slips.CLASSES`.
    :param code: the answer's result code.
    """
    found = of_answer(answer.headers, answer.body, key, others=others, request=request, version=version)
    if not found.right:
        yield found
    if told_too := given_away(request, version, key, others, answer=answer, code=code):
        yield told_too


def given_away(
    request: HttpRequest, version: Version, key: str, others: Mapping[str, str], *, answer: Answer, code: str
) -> SignatureDiagnosis | None:
    """How calls are verified, as far as a refusal gives it away. Parameters as of :func:`of_exchange`."""
    if code != REFUSED:
        return None
    values = (value for name, value in answer.headers if name.lower() != "body-sign")
    return told(request, version, key, others, [answer.body.decode("utf-8", "replace"), *values])
