"""The readings' page: chooses how the marketplace behaves where the documents leave it open."""

from emulator.console.readings.index import page

__all__ = ["page"]
