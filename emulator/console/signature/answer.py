"""``Body-Sign`` of an answer (production interfaces, section 6.1)."""

import re

from emulator.console.signature.pieces import Explanation, Key, Piece, SignatureStep, bytes_piece
from emulator.marketplace.delivery.call import RecordedCall
from shared.protocol.signing import BODY_SIGN, token_of

_SIGNATURE = re.compile(r'signature=\s*"?([^",]*)"?\s*$')


def explained(call: RecordedCall, key: Key) -> Explanation:
    """The answer's bytes, with the key alone."""
    values = [value for name, value in call.received.headers if name.lower() == BODY_SIGN.lower()]
    match = _SIGNATURE.search(values[0]) if values else None
    computed = token_of(key.value, call.received.body) if key.value else ""
    data = (bytes_piece(call.received.body, "answer-body"),)
    step = SignatureStep("answer", "base64", data, computed, (Piece(key.name, "key"),))
    return Explanation("answer", BODY_SIGN, (step,), match[1] if match else "", computed)
