"""How much is used in each hour of a simulated month, pure: the same seed gives the same month."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import NamedTuple

from shared.clock import BEIJING

_OFFICE = range(9, 19)
"""Hours of a working day in Beijing."""
_SATURDAY = 5
_BURST = 0.06
"""How likely an hour is one in which much happens."""


class CurvePoint(NamedTuple):
    """An hour that begins at ``at``; ``part``: how much of the month is over, 0 to 1."""

    at: datetime
    part: float


def _working(point: CurvePoint, _dice: Random) -> float:
    here = point.at.astimezone(BEIJING)
    if here.weekday() >= _SATURDAY:
        return 0.1
    return 1.0 if here.hour in _OFFICE else 0.05


def _bursts(_point: CurvePoint, dice: Random) -> float:
    return 1.0 if dice.random() < _BURST else 0.05


SHAPES: Mapping[str, Callable[[CurvePoint, Random], float]] = {
    "working": _working,
    "flat": lambda _point, _dice: 1.0,
    "growing": lambda point, _dice: 0.1 + 0.9 * point.part,
    "bursts": _bursts,
}
"""How much of the busiest hour's amount an hour has."""


def amount(shape: str, seed: int, point: CurvePoint, most: Decimal) -> Decimal:
    """What is used in an hour: at most ``most``, with 4 decimals, 0.0001 at least."""
    dice = Random(f"{seed} {point.at.isoformat()}")  # noqa: S311 - draws a curve
    part = SHAPES[shape](point, dice) * dice.uniform(0.8, 1.0)
    return max((most * Decimal(part)).quantize(Decimal("0.0001")), Decimal("0.0001"))
