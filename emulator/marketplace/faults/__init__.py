"""Faults of the marketplace that can be switched on, and readings of the documents."""
