"""The recorder's page: turns pasted calls into sample events and tests."""

from emulator.console.recorder.index import page

__all__ = ["page"]
