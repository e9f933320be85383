"""How the signatures of a recorded call and of its answer come about."""

from emulator.keys import Keys, OpenApiKeys
from emulator.marketplace.delivery.call import Direction, RecordedCall
from emulator.wire.signature import Explanation, Key, explained, gateway, production
from shared.commands import Version

_NAMES = {
    "key": "<Key>",
    "access_key": "<access key>",
    "notify_key": "<orderNotify access key>",
    "sync_key": "<sync access key>",
}


def of_request(call: RecordedCall, keys: Keys, seller: OpenApiKeys) -> list[Explanation]:
    """What signs the call: one signature, or two for usage that is signed with AK/SK on top; none for a sign-in, and
    for what is between the seller's side and its backend.
    """
    request = call.sent.request()
    if call.direction is Direction.IN:
        return gateway.explained(request, seller)
    if call.direction is Direction.BACKEND:
        return []
    return [explained(request, Version(call.version), _key(call, keys))]


def of_answer(call: RecordedCall, keys: Keys) -> Explanation | None:
    """What signs the answer; ``None`` without one, and for what the marketplace itself answered."""
    if call.direction is not Direction.OUT or not call.received.status:
        return None
    return production.answer(call.received.headers, call.received.body, _key(call, keys))


def _key(call: RecordedCall, keys: Keys) -> Key:
    """The key of the call, with the name it has on pages."""
    return Key(_NAMES.get(call.key_name, "<key>"), keys.named.get(call.key_name, ""))
