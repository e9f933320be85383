"""What the pages show and move: given once, when the application is made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast

from flask import current_app

from emulator.journey import Row
from emulator.market.timeline import Timeline
from shared.clock import Clock

EXTENSION = "console"


class Market(Protocol):
    """What every page needs of the marketplace."""

    @property
    def clock(self) -> Clock:
        """The simulated one."""
        ...

    @property
    def timeline(self) -> Timeline:
        """The calls."""
        ...


@dataclass
class State:
    """``rows`` and ``finished`` are those of the journey played at the start."""

    market: Market
    rows: Callable[[], Sequence[Row]] = field(default=tuple)
    finished: Callable[[], bool] = field(default=lambda: True)


def state() -> State:
    """Of the application that answers the request."""
    return cast("State", current_app.extensions[EXTENSION])
