"""Calls sent again: as they were, signed anew, or changed by hand. Each is a new call in the timeline, and judged."""

from emulator.checks import Expected
from emulator.checks.reading import SUCCESS
from emulator.marketplace.delivery.call import RecordedCall
from emulator.marketplace.delivery.sender import About
from emulator.marketplace.faults.forged_calls import REFUSED
from emulator.marketplace.market import Market
from emulator.texts import Text
from emulator.wire.resign import signed
from shared.commands import Version
from shared.http import HttpRequest

KEEP = "keep"
"""In the place of a key's name: the signature stays as it is."""


def replayed(market: Market, call: RecordedCall) -> RecordedCall:
    """The very bytes once more. To answer as before is right; in version 2, whose nonce is known and whose minute
    may be over, to refuse them is right too.
    """
    codes = (*call.expected, *REFUSED) if call.version == Version.V2 else call.expected
    return _sent(market, call, call.sent.request(), Text("occasions.replay-of", n=call.number), codes)


def resigned(market: Market, call: RecordedCall) -> RecordedCall:
    """The same message, signed now.

    :raises ValueError: it cannot be signed.
    """
    request = _signed(market, call.sent.request(), call.key_name, fresh=True)
    return _sent(market, call, request, Text("occasions.resend-of", n=call.number), call.expected)


def edited(
    market: Market, call: RecordedCall, request: HttpRequest, key_name: str, *, fresh: bool, refused: bool = False
) -> RecordedCall:
    """Another request in the place of the call's.

    :param key_name: member of :class:`emulator.keys.Keys` that signs it, or ``KEEP``.
    :param fresh: with a time stamp of now and a new nonce.
    :param refused: the right answer is to refuse it; otherwise that of the call it was made from.
    :raises ValueError: it cannot be signed.
    """
    if key_name != KEEP:
        request = _signed(market, request, key_name, fresh=fresh)
    return _sent(market, call, request, Text("occasions.edit-of", n=call.number), REFUSED if refused else call.expected)


def _signed(market: Market, request: HttpRequest, key_name: str, *, fresh: bool) -> HttpRequest:
    value = market.keys.named.get(key_name)
    if not value:
        raise ValueError("key")
    return signed(request, value, market.signing_clock, fresh=fresh)


def _sent(
    market: Market, call: RecordedCall, request: HttpRequest, occasion: Text, codes: tuple[str, ...]
) -> RecordedCall:
    """The answer is judged with the key and for the interface of the first call, whoever signed this one."""
    key = market.keys.named.get(call.key_name, "")
    expected = Expected(Version(call.version), call.activity, key, codes or SUCCESS)
    about = About(
        family=call.family,
        occasion=occasion,
        key_name=call.key_name,
        order_id=call.order_id,
        instance_id=call.instance_id,
    )
    sent, _ = market.sender.send(request, expected, about)
    return sent
