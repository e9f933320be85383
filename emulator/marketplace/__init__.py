"""The model of the marketplace: products, buyers, orders, and the messages it sends the seller.

Everything is in one SQLite file and happens on a clock that can be moved; the same seed and the same actions make the
same ids. Nothing here knows of pages.
"""
