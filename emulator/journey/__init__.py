"""The whole life of instances, played by the marketplace over HTTP, in both protocol versions.

Every order id is fresh, so the journey passes again and again on the same store.
"""

from collections.abc import Iterable, Sequence

from emulator.journey.chapters import CHAPTERS
from emulator.journey.own_products import own_product
from emulator.journey.player import Player
from emulator.journey.row import JourneyRow
from emulator.journey.usage import Metering, usage
from emulator.marketplace.catalogue.products import ListedProduct
from emulator.texts import Text
from shared.metering.reconciliation.comparison import Day

__all__ = ["CHAPTERS", "JourneyRow", "Player", "play", "play_all"]


def play_all(player: Player, metering: Metering, own: Iterable[ListedProduct] = ()) -> Sequence[Day]:
    """What ``make run`` plays: usage first, because it is played in the hours before, so that the calls come in the
    order of their times; then every chapter. How the days of usage reconcile.
    """
    days = usage(player, metering)
    play(player, own)
    return days


def play(player: Player, own: Iterable[ListedProduct] = ()) -> list[JourneyRow]:
    """Play every chapter and return the rows in their order; a failed step does not end the journey.

    :param own: the seller's products, each of which gets a chapter of its own.
    """
    for name, chapter in CHAPTERS:
        player.chapter = Text(f"journey.chapters.{name}")
        chapter(player)
    for product in own:
        player.chapter = Text("journey.own", product=product.name)
        own_product(player, product)
    return player.rows
