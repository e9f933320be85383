"""The faults' page: switches faults of the marketplace on and off."""

from emulator.console.faults.index import page

__all__ = ["page"]
