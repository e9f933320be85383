"""The page of readings: what the documents leave open."""

from emulator.console.readings.index import page

__all__ = ["page"]
