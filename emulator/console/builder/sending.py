"""A composed call, made and sent by the marketplace of the console; it stands in the list of calls like any other."""

from emulator.composer import CallWish, compose
from emulator.conformance.call_factory import CallFactory
from emulator.conformance.step import Step
from emulator.marketplace.delivery.call import RecordedCall
from emulator.marketplace.delivery.sender import About
from emulator.marketplace.market import Market
from emulator.texts import Text


def factory(market: Market) -> CallFactory:
    """Signs as the marketplace does; orders of version 2 are placed where its order query finds them."""
    path, bits = market.sender.target.path, market.signer.bits
    return CallFactory(market.keys, market.signing_clock, path, orders=market.orders, bits=bits)


def composed(market: Market, wish: CallWish) -> Step:
    """:raises NotComposed: no call becomes of it."""
    return compose(factory(market), wish)


def sent(market: Market, wish: CallWish) -> RecordedCall:
    """Send a call; it as it stands in the list.

    :raises NotComposed: no call becomes of it.
    """
    step = composed(market, wish)
    request = step.make()
    about = About.played(request, step.expected, Text("occasions.built"))
    call, _ = market.sender.send(request, step.expected, about)
    return call
