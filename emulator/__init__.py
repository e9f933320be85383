"""The other side of the wire: a marketplace to test against, and the tools that build and run the bundle locally."""

from pathlib import Path

_HERE = Path(__file__).parent


def shipped(name: str) -> Path:
    """A file or folder that stands beside the code in the repository, and inside it where the wheel is installed."""
    inside = _HERE / "shipped" / name
    return inside if inside.exists() else _HERE.parent / name
