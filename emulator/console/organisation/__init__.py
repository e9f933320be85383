"""The organisation's page: edits enterprises, departments and members, and shows what the seller has of them."""

from emulator.console.organisation.index import page

__all__ = ["page"]
