"""What a comparison found."""

from collections.abc import Sequence
from typing import NamedTuple


class SoakFinding(NamedTuple):
    """``numbers`` in words; ``problems`` with the ids they are about."""

    numbers: str
    problems: Sequence[str]
