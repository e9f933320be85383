"""What a comparison found."""

from collections.abc import Sequence
from typing import NamedTuple

SHOWN = 8


class SoakFinding(NamedTuple):
    """``numbers`` in words; ``problems``: what it is not true of, with the ids they are about."""

    numbers: str
    problems: Sequence[str]

    @property
    def passed(self) -> bool:
        return not self.problems

    @property
    def shown(self) -> str:
        more = len(self.problems) - SHOWN
        return "; ".join(self.problems[:SHOWN]) + (f"; and {more} more" if more > 0 else "")
