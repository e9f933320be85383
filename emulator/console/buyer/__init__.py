"""The buyer's page."""

from emulator.console.buyer.index import page

__all__ = ["page"]
