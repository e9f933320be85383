"""The whole life of instances, played by the marketplace over HTTP, in both protocol versions.

Every order id is fresh, so the journey passes again and again on the same store.
"""

from emulator.journey import metered, refusals, version1, version2
from emulator.journey.player import Player
from emulator.journey.row import JourneyRow

__all__ = ["CHAPTERS", "JourneyRow", "Player", "play"]

CHAPTERS = (
    ("version 1: a yearly product", version1.period),
    ("version 1: from trial to formal", version1.trial),
    ("version 1: bought once", version1.one_time),
    ("version 1: pay per use, one order with two products", metered.on_demand),
    ("version 1: package", metered.package),
    ("version 2: a yearly product", version2.period),
    ("version 2: renewed with a change", version2.change),
    ("version 2: from trial to formal", version2.trial),
    ("version 2: package", metered.package_v2),
    ("what must be refused", refusals.refusals),
)


def play(player: Player) -> list[JourneyRow]:
    """Play every chapter and return the rows in their order; a failed step does not end the journey."""
    for title, chapter in CHAPTERS:
        player.chapter = title
        chapter(player)
    return player.rows
