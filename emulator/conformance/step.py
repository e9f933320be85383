"""One call of a case."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from emulator.checks import Expected
from shared.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Step:
    """One call. ``make`` signs it anew each time. A ``setup`` is what the case builds on, not what it is about."""

    make: Callable[[], HttpRequest]
    expected: Expected
    setup: bool = False

    def altered(self, alter: Callable[[HttpRequest], HttpRequest]) -> "Step":
        """The call altered after it was signed."""
        return replace(self, make=lambda: alter(self.make()))

    def resigned(self, sign: Callable[[HttpRequest, str], HttpRequest]) -> "Step":
        """The call altered by ``sign``, which is given its key, too."""
        return self.altered(lambda request: sign(request, self.expected.key))
