"""The page of usage."""

from emulator.console.usage.index import page

__all__ = ["page"]
