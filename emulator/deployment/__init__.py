"""Brings the bundle to a cloud: keys, artifacts, a stack, and a check of the address that is there then."""
