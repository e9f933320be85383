"""The marketplace as one model: what it sells, to whom, what it tells the seller, and when.

Everything is in one SQLite file and happens on a clock that can be moved; the same seed and the same acts make the same
ids. Nothing here knows of pages.
"""
