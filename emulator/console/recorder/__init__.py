"""The recorder's page."""

from emulator.console.recorder.index import page

__all__ = ["page"]
