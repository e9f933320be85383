"""The usage page: reported, accepted and billed usage of each instance."""

from emulator.console.usage.index import page

__all__ = ["page"]
