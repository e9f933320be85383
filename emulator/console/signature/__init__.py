"""Signatures piece by piece: what was signed, where each piece comes from, whether the result is the one sent.

``of_request`` and ``of_answer`` compute everything anew with the functions the bundle itself verifies with. Keys never
stand in an explanation; a name in angle brackets does.
"""

from emulator.console.signature import answer, gateway, production, sync
from emulator.console.signature.pieces import Explanation, Key, Piece, SellerKeys, SignatureStep
from emulator.keys import Keys
from emulator.marketplace.delivery.call import Direction, Family, RecordedCall
from shared.commands import Version

__all__ = ["Explanation", "Key", "Piece", "SellerKeys", "SignatureStep", "key_of", "of_answer", "of_request"]

_NAMES = {
    "key": "<Key>",
    "access_key": "<access key>",
    "notify_key": "<orderNotify access key>",
    "sync_key": "<sync access key>",
}


def key_of(name: str, keys: Keys) -> Key:
    """The key called so in ``keys``, with the name it has on pages."""
    return Key(_NAMES.get(name, "<key>"), getattr(keys, name) if name in _NAMES else "")


def of_request(call: RecordedCall, keys: Keys, seller: SellerKeys) -> list[Explanation]:
    """What signs the call: one signature, or two for usage that is signed with AK/SK on top; none for a sign-in."""
    if call.direction is Direction.IN:
        return gateway.explained(call, seller)
    key = key_of(call.key_name, keys)
    if call.family is Family.SYNC:
        return [sync.explained(call, key)]
    explain = production.version_1 if call.version == Version.V1 else production.version_2
    return [explain(call, key)]


def of_answer(call: RecordedCall, keys: Keys) -> Explanation | None:
    """What signs the answer; ``None`` without one, and for what the marketplace itself answered."""
    if call.direction is Direction.IN or not call.received.status:
        return None
    return answer.explained(call, key_of(call.key_name, keys))
