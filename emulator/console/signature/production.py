"""Calls of the production interfaces (production interfaces, sections 4.1 and 4.4)."""

from emulator.conformance.encoding import pairs_of
from emulator.console.signature.pieces import Explanation, Key, Piece, SignatureStep, bytes_piece, joined
from emulator.marketplace.delivery.call import RecordedCall
from shared.protocol.signing import mac, sign_body, sign_query


def version_1(call: RecordedCall, key: Key) -> Explanation:
    """``authToken``: decoded parameters by name; the key with the time stamp behind it."""
    fields = dict(reversed(pairs_of(call.sent.request())))
    sent, stamp = fields.pop("authToken", ""), fields.get("timeStamp")
    ordered = sorted(fields.items(), key=lambda pair: pair[0].encode("utf-16-be"))
    computed = sign_query(key.value, fields) if key.value and stamp is not None else ""
    step = SignatureStep(
        "token",
        "base64",
        joined(ordered, "parameter"),
        computed,
        (Piece(key.name, "key"), Piece(stamp or "", "stamp", "timeStamp")),
    )
    return Explanation("v1", "authToken", (step,), sent, computed)


def version_2(call: RecordedCall, key: Key) -> Explanation:
    """``signature``: over key, nonce, time stamp and the keyed digest of the body."""
    fields, body = dict(reversed(pairs_of(call.sent.request()))), call.sent.body
    nonce, timestamp = fields.get("nonce", ""), fields.get("timestamp", "")
    digest = mac(key.value, body).hex() if key.value else ""
    computed = sign_body(key.value, nonce, timestamp, body) if key.value else ""
    masked = Piece(key.name, "key")
    steps = (
        SignatureStep("body", "hex", (bytes_piece(body, "body"),), digest, (masked,)),
        SignatureStep(
            "signature",
            "upper",
            (masked, Piece(nonce, "nonce", "nonce"), Piece(timestamp, "timestamp", "timestamp"), Piece(digest, "h")),
            computed,
            (masked,),
        ),
    )
    return Explanation("v2", "signature", steps, fields.get("signature", ""), computed, fold=True)
