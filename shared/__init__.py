"""Everything the interfaces have in common. Nothing in here imports from ``functions``."""

__version__ = "0.1.0"
"""Of the distribution, the artifacts and ``koogallery --version``: nowhere else."""
