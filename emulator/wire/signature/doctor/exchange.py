"""A call and its answer, examined together: a refusal that quotes the signature it expected shows how that was made.

A mere refusal shows nothing. Who writes no signature into answers does right; it is looked for, not asked for.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from emulator.wire.client import Answer
from emulator.wire.signature.doctor.answer import of_answer
from emulator.wire.signature.doctor.diagnosis import SignatureDiagnosis
from emulator.wire.signature.doctor.requests import rule_of
from shared.commands import Version
from shared.errors import ResultCode
from shared.http import HttpRequest

REFUSED = ResultCode.AUTHENTICATION_FAILED.value
_SIGNATURE = re.compile(r"[0-9A-Za-z+/_-]{27,128}={0,2}")


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


def told(
    request: HttpRequest, version: Version, key: str, others: Mapping[str, str], words: Iterable[str]
) -> SignatureDiagnosis | None:
    """How the server signs the call itself, if ``words`` of its answer hold a signature that a usual mistake gives."""
    for given in (match[0] for text in words for match in _SIGNATURE.finditer(text)):
        rule = rule_of(request, version, key, others, given)
        if rule and (found := rule.diagnosed(given)).slips:
            return found
    return None
