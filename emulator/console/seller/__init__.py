"""The seller's console."""

from emulator.console.seller.index import page

__all__ = ["page"]
