"""The seller's pages: products, orders, messages, mails and saved debugging cases."""

from emulator.console.seller.index import page

__all__ = ["page"]
