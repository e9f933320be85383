"""Forged calls: the seller must refuse each one, and nothing may change."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import NamedTuple

from emulator.clock import ShiftedClock
from emulator.keys import Keys
from emulator.marketplace.delivery.message_signing import MessageSigner
from emulator.marketplace.delivery.messages import SYNC, Message, Purpose
from emulator.marketplace.faults.fault_list import EARLY_SIGNATURE, OLD_SIGNATURE, REPLAYED_NONCE, TRUNCATED
from emulator.wire.calls import V2Calls, signed_otherwise, spoilt
from emulator.wire.sync_calls import SyncV2Calls
from shared.clock import Clock
from shared.commands import Version
from shared.errors import ResultCode
from shared.http import HttpRequest

REFUSED = (ResultCode.AUTHENTICATION_FAILED.value, ResultCode.INVALID_PARAMETER.value)
OLD = timedelta(minutes=3)


class Occasion(NamedTuple):
    """The genuine message that a forged call is made from.

    ``spent``: a nonce that the seller has recently accepted under the same key; empty if there is none.
    """

    signer: MessageSigner
    message: Message
    clock: Clock
    spent: str = ""

    def genuine(self) -> HttpRequest:
        return self.signer.make(self.message)


ForgedCall = Callable[[Occasion], HttpRequest]


def _signed(change: Callable[[str], str]) -> ForgedCall:
    """With another signature."""
    return lambda occasion: signed_otherwise(occasion.genuine(), change)


def _shifted(by: timedelta) -> ForgedCall:
    """Signed so much later than now."""
    return lambda occasion: occasion.signer.make(occasion.message, clock=ShiftedClock(occasion.clock, by))


def _other_key(occasion: Occasion) -> HttpRequest:
    stranger = Keys("key-of-a-stranger", "key-of-a-stranger", "key-of-a-stranger", "key-of-a-stranger")
    return occasion.signer.make(occasion.message, keys=stranger)


def _altered(occasion: Occasion) -> HttpRequest:
    request = occasion.genuine()
    if request.body:
        return replace(request, body=request.body.replace(b"{", b'{"added":"1",', 1))
    return replace(request, query=(*request.query, ("added", "1")))


def _truncated(occasion: Occasion) -> HttpRequest:
    request = occasion.genuine()
    if request.body:
        return replace(request, body=request.body[: len(request.body) // 2])
    signed = dict(request.query)
    kept = [pair for pair in request.query if pair[0] not in ("activity", "authToken")]
    return replace(
        request, query=(*kept[: len(kept) // 2], *((name, signed[name]) for name in ("activity", "authToken")))
    )


def _replayed_nonce(occasion: Occasion) -> HttpRequest:
    """Signed rightly and now, but with a nonce that stood for another call."""
    signer, message = occasion.signer, occasion.message
    key = getattr(signer.keys, signer.key_name(message))
    body = occasion.genuine().body
    if message.sync:
        calls = SyncV2Calls(key, occasion.clock, signer.path.rstrip("/"))
        return calls.send(message.activity, body, nonce=occasion.spent)
    return V2Calls(key, occasion.clock, signer.path).send(body, nonce=occasion.spent)


FORGED_CALLS: Mapping[str, ForgedCall] = MappingProxyType(
    {
        "wrong-signature": _signed(spoilt),
        "no-signature": _signed(lambda _signature: ""),
        "other-key": _other_key,
        "altered": _altered,
        TRUNCATED: _truncated,
        OLD_SIGNATURE: _shifted(-OLD),
        EARLY_SIGNATURE: _shifted(OLD),
        REPLAYED_NONCE: _replayed_nonce,
    }
)
_TIMED = (OLD_SIGNATURE, EARLY_SIGNATURE)
"""Version 1 documents no window for its time stamp (production interfaces, section 4.1)."""
SPENDING = (Purpose.QUERY, Purpose.CHANGE_CHECK, Purpose.NOTICE, *SYNC)
"""What uses a nonce up in any state of the instance. A change that has no effect any more may be answered as such,
whatever its nonce (section 4.4)."""


def fits(name: str, occasion: Occasion) -> bool:
    """Must a seller refuse the message of ``occasion`` if it is spoilt in that way?"""
    message = occasion.message
    if name == REPLAYED_NONCE:
        effective = message.purpose in SPENDING or (message.purpose is Purpose.PURCHASE and not message.attempts)
        return message.version is Version.V2 and bool(occasion.spent) and effective
    if name == TRUNCATED:
        return message.purpose is not Purpose.NOTICE  # what is left of it does not say whose key the answer needs
    return name not in _TIMED or message.version is Version.V2
