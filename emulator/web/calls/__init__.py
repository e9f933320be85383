"""The calls: the live list, each call in full, and calls sent again."""

from emulator.web.calls import detail, listing, resend
from emulator.web.calls.blueprint import page

__all__ = ["detail", "listing", "page", "resend"]
