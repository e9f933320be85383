"""Files that go with the code: templates, sample events, the lock file."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def shipped(name: str) -> Path:
    """A file or folder that stands beside the code in the repository, and inside it where the wheel is installed."""
    inside = _PACKAGE / "shipped" / name
    return inside if inside.exists() else _PACKAGE.parent / name
