"""``make bench``: response times of the bundle beside those of a reference, measured in one run on loopback.

Nothing is imported here: the cold starts import from this package what they are compared with.
"""
