"""The calls: the live list, each call in full, and calls sent again."""

from emulator.console.calls import detail, listing, resend
from emulator.console.calls.blueprint import page

__all__ = ["detail", "listing", "page", "resend"]
