"""Tells whoever receives events what happened: at least once, and what happened to one instance in its order."""
