"""The page of the journey."""

from emulator.console.journey.index import page

__all__ = ["page"]
