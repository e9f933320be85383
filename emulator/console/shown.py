"""What the pages show and move: given once, when the application is made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast

from flask import current_app

from emulator.journey import JourneyRow
from emulator.keys import Keys
from emulator.marketplace.delivery.message_signing import MessageSigner
from emulator.marketplace.delivery.sender import Sender
from emulator.marketplace.storage.timeline import Timeline
from emulator.openapi.order_query import Orders
from emulator.wire.signature import SellerKeys
from shared.clock import Clock

EXTENSION = "console"


class ShownMarket(Protocol):
    """What the pages need of :class:`emulator.marketplace.market.Market`."""

    @property
    def clock(self) -> Clock:
        """The simulated one."""
        ...

    @property
    def signing_clock(self) -> Clock:
        """The seller's idea of now, for signatures."""
        ...

    @property
    def timeline(self) -> Timeline:
        """The calls."""
        ...

    @property
    def keys(self) -> Keys:
        """Between the marketplace and the seller."""
        ...

    @property
    def sender(self) -> Sender:
        """Calls the seller."""
        ...

    @property
    def signer(self) -> MessageSigner:
        """How the calls are made."""
        ...

    @property
    def orders(self) -> Orders:
        """What the order query answers from."""
        ...


@dataclass
class ConsoleState:
    """``seller``: the keys of its calls, to explain them. ``rows`` and ``finished`` are those of the journey played at
    the start.
    """

    market: ShownMarket
    seller: SellerKeys = field(default_factory=SellerKeys)
    rows: Callable[[], Sequence[JourneyRow]] = field(default=tuple)
    finished: Callable[[], bool] = field(default=lambda: True)


def state() -> ConsoleState:
    """Of the application that answers the request."""
    return cast("ConsoleState", current_app.extensions[EXTENSION])
