"""What the pages show and move, which every request brings along; and the numbers in their addresses."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, cast

from emulator.console.clock.mover import Mover
from emulator.keys import OpenApiKeys
from emulator.marketplace.market import Market

if TYPE_CHECKING:
    from emulator.journey import JourneyRow
    from emulator.openapi.usage.api import UsageApi
    from emulator.seller.application import SellerApplication
    from emulator.seller.seller import Seller

T = TypeVar("T")

SHOWN = "koogallery.console"
"""Where it stands in the environment of a request."""
LARGEST = 10**9


@dataclass
class ConsoleContext:
    """The console of a marketplace. What is ``None`` is not within reach: the seller's server is somebody else's, or
    elsewhere.

    ``keys``: those of the seller's calls, to explain them. ``rows`` and ``finished`` are of the journey at the start.
    ``mover``: of the market's clock.
    """

    market: Market
    keys: OpenApiKeys = field(default_factory=OpenApiKeys)
    rows: "list[JourneyRow]" = field(default_factory=list)
    finished: bool = True
    usage: "UsageApi | None" = None
    application: "SellerApplication | None" = None
    seller: "Seller | None" = None

    def __post_init__(self) -> None:
        self.mover = Mover(self.market)


def context() -> ConsoleContext:
    """Of the console that was asked."""
    from flask import request

    return cast("ConsoleContext", request.environ[SHOWN])


def number(name: str, default: int = 0) -> int:
    """A whole number in the address of the request, below 1,000,000,000; ``default`` for anything else."""
    from flask import request

    return whole(request.args.get(name, ""), default)


def page_of(found: Sequence[T], size: int = 50) -> tuple[Sequence[T], dict[str, int]]:
    """The rows of the page that the address asks for, from 1, and what the links to the other pages need."""
    page = max(number("page"), 1)
    return found[(page - 1) * size : page * size], {"number": page, "more": len(found) > page * size}


def whole(text: str, default: int = 0) -> int:
    """What ``text`` says, as in :func:`number`."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(LARGEST)) else default
