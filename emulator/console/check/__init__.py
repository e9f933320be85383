"""The conformance checker as a page."""

from emulator.console.check.index import page

__all__ = ["page"]
