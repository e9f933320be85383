"""Calls of the production interfaces and the answers to all (production interfaces, sections 4.1, 4.4 and 6.1)."""

import re
from collections.abc import Iterable

from emulator.wire.calls import fields_of
from emulator.wire.signature.pieces import Explanation, Key, Piece, SignatureStep, bytes_piece, joined
from shared.http import HttpRequest
from shared.protocol.signing import BODY_SIGN, mac, sign_body, sign_query, token_of
from shared.protocol.single_reading import in_order

_SIGNATURE = re.compile(r'signature=\s*"?([^",]*)"?\s*$')


def version_1(request: HttpRequest, key: Key) -> Explanation:
    """``authToken``: decoded parameters by name; the key with the time stamp behind it."""
    fields = fields_of(request)
    sent, stamp = fields.pop("authToken", ""), fields.get("timeStamp")
    computed = sign_query(key.value, fields) if key.value and stamp is not None else ""
    data = joined(((name, fields[name]) for name in in_order(fields)), "parameter")
    step = SignatureStep("token", "base64", data, computed, (key.piece, Piece(stamp or "", "stamp", "timeStamp")))
    return Explanation("v1", "authToken", (step,), sent, computed)


def version_2(request: HttpRequest, key: Key) -> Explanation:
    """``signature``: over key, nonce, time stamp and the keyed digest of the body."""
    fields, body = fields_of(request), request.body
    nonce, timestamp = fields.get("nonce", ""), fields.get("timestamp", "")
    digest = mac(key.value, body).hex() if key.value else ""
    computed = sign_body(key.value, nonce, timestamp, body) if key.value else ""
    data = (key.piece, Piece(nonce, "nonce", "nonce"), Piece(timestamp, "timestamp", "timestamp"), Piece(digest, "h"))
    steps = (
        SignatureStep("body", "hex", (bytes_piece(body, "body"),), digest, (key.piece,)),
        SignatureStep("signature", "upper", data, computed, (key.piece,)),
    )
    return Explanation("v2", "signature", steps, fields.get("signature", ""), computed, fold=True)


def answer(headers: Iterable[tuple[str, str]], body: bytes, key: Key) -> Explanation:
    """``Body-Sign``: the answer's bytes, with the key alone."""
    values = [value for name, value in headers if name.lower() == BODY_SIGN.lower()]
    match = _SIGNATURE.search(values[0]) if values else None
    computed = token_of(key.value, body) if key.value else ""
    step = SignatureStep("answer", "base64", (bytes_piece(body, "answer-body"),), computed, (key.piece,))
    return Explanation("answer", BODY_SIGN, (step,), match[1] if match else "", computed)
