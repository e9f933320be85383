"""One call of a case."""

from collections.abc import Callable
from dataclasses import dataclass

from emulator.checks import Expected
from shared.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Step:
    """One call. ``make`` signs it anew each time. A ``setup`` is what the case builds on, not what it is about."""

    make: Callable[[], HttpRequest]
    expected: Expected
    setup: bool = False
