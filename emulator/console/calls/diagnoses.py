"""What the signature doctor says of a recorded call."""

from collections.abc import Iterator, Mapping

from emulator.keys import Keys, OpenApiKeys
from emulator.marketplace.delivery.call import Direction, RecordedCall
from emulator.wire.client import Answer
from emulator.wire.signature.doctor import SignatureDiagnosis, of_exchange, of_push
from emulator.wire.signature.doctor.exchange import REFUSED
from shared.commands import Version


def diagnoses(call: RecordedCall, keys: Keys, seller: OpenApiKeys) -> Mapping[str, SignatureDiagnosis]:
    """By the kind of signature they are about. What a fault did to a call is not the seller's mistake."""
    if call.fault:
        return {}
    others = keys.named | {"usage_key": seller.usage_key}
    found = _of_seller(call, seller, others) if call.direction is Direction.IN else _of_ours(call, others)
    return {each.rule: each for each in found}


def silent_refusal(call: RecordedCall) -> bool:
    """Was a call refused as wrongly signed that was to succeed? What the server computes cannot be known then."""
    return call.code == REFUSED and bool(call.expected) and REFUSED not in call.expected and not call.fault


def _of_seller(call: RecordedCall, seller: OpenApiKeys, others: Mapping[str, str]) -> Iterator[SignatureDiagnosis]:
    request = call.sent.request()
    if seller.usage_key and any(name.lower() == "signature" for name in request.headers):
        push = of_push(request, seller.usage_key, others)
        if not push.right:
            yield push


def _of_ours(call: RecordedCall, others: Mapping[str, str]) -> Iterator[SignatureDiagnosis]:
    key, request, reply = others.get(call.key_name, ""), call.sent.request(), call.received.reply()
    if key and isinstance(reply, Answer):
        yield from of_exchange(request, Version(call.version), key, others, answer=reply, code=call.code)
