"""The clock's page."""

from emulator.console.clock.index import page

__all__ = ["page"]
