"""The whole life of instances, played by the marketplace over HTTP, in both protocol versions.

Every order id is fresh, so the journey passes again and again on the same store.
"""

from emulator.journey.chapters import CHAPTERS
from emulator.journey.player import Player
from emulator.journey.row import JourneyRow
from emulator.texts import Text

__all__ = ["CHAPTERS", "JourneyRow", "Player", "play"]


def play(player: Player) -> list[JourneyRow]:
    """Play every chapter and return the rows in their order; a failed step does not end the journey."""
    for name, chapter in CHAPTERS:
        player.chapter = Text(f"journey.chapters.{name}")
        chapter(player)
    return player.rows
