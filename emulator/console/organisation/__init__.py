"""The page of the buyers' organisation."""

from emulator.console.organisation.index import page

__all__ = ["page"]
