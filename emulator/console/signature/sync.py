"""Calls of the sync interfaces (joint operation, section 2)."""

from collections.abc import Mapping
from typing import Any

from emulator.conformance.explain_sync import right_signature
from emulator.console.signature.pieces import Explanation, Key, Piece, SignatureStep, bytes_piece, joined
from emulator.marketplace.delivery.call import RecordedCall
from shared.commands import Version
from shared.errors import InvalidParameter
from shared.protocol.sync.lenient_json import Number, compact, read_members
from shared.protocol.sync.signing import canonical


def explained(call: RecordedCall, key: Key) -> Explanation:
    """``authToken`` over the body's members, or ``x-sign`` over the body in canonical form; both are headers."""
    headers = {name.lower(): value for name, value in call.sent.headers}
    members, version = _members(call.sent.body), Version(call.version)
    computed = right_signature(key.value, version, call.sent.request()) if key.value else ""
    if version is Version.V1:
        return _version_1(headers, members, key, computed)
    return _version_2(headers, members, key, computed)


def _version_1(headers: Mapping[str, str], members: Mapping[str, Any], key: Key, computed: str) -> Explanation:
    texts = {name: value if isinstance(value, str | Number) else compact(value) for name, value in members.items()}
    names = sorted(members, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
    kept = [name for name in names if name != "authToken" and members[name] is not None and texts[name].strip()]
    masked = (Piece(key.name, "key"), Piece(str(members.get("timeStamp", "")), "stamp", "timeStamp"))
    data = joined([(name, texts[name]) for name in kept], "member")
    steps = (SignatureStep("token", "base64", data, computed, masked),)
    return Explanation("sync-v1", "authToken", steps, headers.get("authtoken", ""), computed)


def _version_2(headers: Mapping[str, str], members: Mapping[str, Any], key: Key, computed: str) -> Explanation:
    masked = Piece(key.name, "key")
    data = (
        masked,
        Piece(headers.get("x-nonce", ""), "nonce", "x-nonce"),
        Piece(headers.get("x-timestamp", ""), "timestamp", "x-timestamp"),
        bytes_piece(canonical(members), "canonical"),
    )
    steps = (SignatureStep("signature", "upper", data, computed, (masked,)),)
    return Explanation("sync-v2", "x-sign", steps, headers.get("x-sign", ""), computed, fold=True)


def _members(body: bytes) -> Mapping[str, Any]:
    try:
        return read_members(body)
    except InvalidParameter:
        return {}
