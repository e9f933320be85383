"""What a server lets slip: a refusal that quotes the signature it expected shows how that was made.

A mere refusal shows nothing. Who writes no signature into answers does right; it is looked for, not asked for.
"""

import re
from collections.abc import Iterable, Mapping

from emulator.wire.signature.doctor.diagnosis import SignatureDiagnosis
from emulator.wire.signature.doctor.requests import rule_of
from shared.commands import Version
from shared.http import HttpRequest

_SIGNATURE = re.compile(r"[0-9A-Za-z+/_-]{27,128}={0,2}")


def told(
    request: HttpRequest, version: Version, key: str, others: Mapping[str, str], words: Iterable[str]
) -> SignatureDiagnosis | None:
    """How the server signs the call itself, if ``words`` of its answer hold a signature that a usual mistake gives."""
    for given in (match[0] for text in words for match in _SIGNATURE.finditer(text)):
        rule = rule_of(request, version, key, others, given)
        if rule and (found := rule.diagnosed(given)).slips:
            return found
    return None
