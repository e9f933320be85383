"""What is wrong with the ``Body-Sign`` of an answer (production interfaces, section 6.1)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlencode

from emulator.wire.calls import fields_of
from emulator.wire.signature.doctor import rewritten, slips
from emulator.wire.signature.doctor.diagnosis import SignatureDiagnosis, diagnosed
from emulator.wire.signature.doctor.recipe import Recipe, Slip, base64_of
from emulator.wire.signature.doctor.slips import always, slip
from shared.commands import Version
from shared.http import HttpRequest
from shared.protocol.signing import BODY_SIGN, mac
from shared.protocol.single_reading import joined

_SIGNATURE = re.compile(r"""signature\s*=\s*["']?([^",;]*?)["']?\s*$""", re.IGNORECASE)
_RIGHT = re.compile(r'sign_type="HMAC-SHA256", signature= ?"[^"]*"')


def of_answer(
    headers: Iterable[tuple[str, str]],
    body: bytes,
    key: str,
    *,
    others: Mapping[str, str],
    request: HttpRequest,
    version: Version,
) -> SignatureDiagnosis:
    """``body``: the bytes received; ``key`` should have signed them. ``others``: by
    :data:`emulator.wire.signature.doctor.slips.CLASSES`; ``request``: what was answered.
    """
    found = [(name, value) for name, value in headers if name.lower() == BODY_SIGN.lower()]
    if not found:
        return SignatureDiagnosis("answer", (slip("header", "header-missing", None),))
    name, value = found[0]
    match = _SIGNATURE.search(value)
    recipe = Recipe(key, lambda _key: body)
    tried = _slips(body, key, others, request, version)
    diagnosis = diagnosed("answer", recipe, tried, match[1] if match else value.strip().strip("\"'"))
    return diagnosis.with_header(_carrying(name, value, match=bool(match)))


def _carrying(name: str, value: str, *, match: bool) -> Iterator[Slip]:
    """Mistakes of the header itself."""
    if name != BODY_SIGN:
        yield slip("header", "header-name", None, name=name)
    if not match:
        yield slip("header", "header-bare", None)
    elif not value.replace('"', "").startswith("sign_type=HMAC-SHA256"):
        yield slip("header", "header-type", None)
    elif not _RIGHT.fullmatch(value):
        yield slip("header", "header-quotes", None)


def _slips(body: bytes, key: str, others: Mapping[str, str], request: HttpRequest, version: Version) -> Iterator[Slip]:
    yield from slips.of_form(base64_of)
    yield from slips.of_key(key, others)
    yield from (Slip("text", what, always(text)) for what, text in rewritten.rewritten(body))
    yield from slips.of_secret(key, [request.first("timeStamp") or ""])
    yield from slips.of_digest()
    yield from _of_request(request, version)
    yield from (Slip("text", what, always(text)) for what, text in rewritten.left_out(body))
    if version is Version.V2:
        yield slip("text", "as-request", lambda used: _as_request(used, request, body))


def _of_request(request: HttpRequest, version: Version) -> Iterator[Slip]:
    """The call in the place of the answer to it."""
    fields = fields_of(request)
    rest = {name: value for name, value in fields.items() if name != "authToken"}
    texts = [request.body] if version is Version.V2 else []
    texts += [joined(rest), joined(fields), urlencode(request.query).encode()]
    yield from (slip("text", "request", always(text)) for text in texts if text)


def _as_request(key: str, request: HttpRequest, body: bytes) -> bytes:
    nonce, timestamp = request.first("nonce") or "", request.first("timestamp") or ""
    return f"{key}{nonce}{timestamp}{mac(key, body).hex()}".encode()
