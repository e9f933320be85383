"""The buyer's page: buy, renew, change and release subscriptions."""

from emulator.console.buyer.index import page

__all__ = ["page"]
