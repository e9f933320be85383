"""Calls of the sync interfaces (joint operation, section 2)."""

from emulator.wire.signature.pieces import Explanation, Key, Piece, SignatureStep, bytes_piece, joined
from emulator.wire.sync_calls import members_or_none
from shared.http import HttpRequest
from shared.protocol.single_reading import in_order
from shared.protocol.sync.signing import canonical, sign_payload, sign_properties, signed_texts


def version_1(request: HttpRequest, key: Key) -> Explanation:
    """``authToken``, a header: over the body's members by name, blank ones left out."""
    members = members_or_none(request.body) or {}
    texts = signed_texts(members)
    computed = sign_properties(key.value, members) if key.value and "timeStamp" in members else ""
    data = joined(((name, texts[name]) for name in in_order(texts)), "member")
    secret = (key.piece, Piece(str(members.get("timeStamp", "")), "stamp", "timeStamp"))
    step = SignatureStep("token", "base64", data, computed, secret)
    return Explanation("sync-v1", "authToken", (step,), _header(request, "authtoken"), computed)


def version_2(request: HttpRequest, key: Key) -> Explanation:
    """``x-sign``, a header: over key, nonce, time stamp and the body in canonical form."""
    nonce, timestamp = _header(request, "x-nonce"), _header(request, "x-timestamp")
    members = members_or_none(request.body)
    payload = canonical(members or {})
    computed = sign_payload(key.value, nonce, timestamp, payload) if key.value and members is not None else ""
    marks = (Piece(nonce, "nonce", "x-nonce"), Piece(timestamp, "timestamp", "x-timestamp"))
    data = (key.piece, *marks, bytes_piece(payload, "canonical"))
    step = SignatureStep("signature", "upper", data, computed, (key.piece,))
    return Explanation("sync-v2", "x-sign", (step,), _header(request, "x-sign"), computed, fold=True)


def _header(request: HttpRequest, name: str) -> str:
    return next((value for each, value in request.headers.items() if each.lower() == name), "")
