"""The page of faults."""

from emulator.console.faults.index import page

__all__ = ["page"]
