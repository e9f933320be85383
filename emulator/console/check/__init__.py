"""The checker's page: runs the conformance checker and shows its report."""

from emulator.console.check.index import page

__all__ = ["page"]
