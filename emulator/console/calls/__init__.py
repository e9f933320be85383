"""The calls: the live list, each call in full, and calls sent again."""
