"""Everything the interfaces have in common. Nothing in here imports from ``functions``."""
