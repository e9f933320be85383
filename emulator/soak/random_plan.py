"""What is going to be done, drawn from the seed alone: the same seed plans the same acts."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

WEIGHTS = {
    "buy": 9,
    "try": 3,
    "convert": 3,
    "renew": 6,
    "return": 3,
    "upgrade": 4,
    "change": 2,
    "unsubscribe": 3,
    "freeze": 2,
    "unfreeze": 3,
    "insist": 3,
    "waver": 2,
    "arrears": 0.4,
    "pay": 1,
    "open": 5,
    "query": 5,
    "use": 16,
    "use late": 4,
    "use again": 4,
    "use much": 1,
    "use after": 2,
    "use frozen": 2,
    "log in": 6,
    "organise": 5,
}
"""How often each act is planned, compared with the others."""

PAUSES = ((8, 2, 40), (5, 40, 240), (2, 360, 1440), (1, 2880, 5760))
"""How long nothing is done between two bursts: weight, and minutes from and to."""
MOST = 100
"""Acts in a burst."""


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """One thing somebody does. ``subject`` and ``choice``: from 0 to 1, say to what and in which way."""

    name: str
    subject: float
    choice: float


@dataclass(frozen=True, slots=True)
class Burst:
    """Acts at the same moment, and the time that passes afterwards."""

    actions: tuple[PlannedAction, ...]
    pause: timedelta


def bursts(seed: int) -> Iterator[Burst]:
    """One after the other, without end."""
    rng = random.Random(seed)  # noqa: S311 - to be repeatable is the point
    names, weights = list(WEIGHTS), list(WEIGHTS.values())
    while True:
        count = 1 + int(rng.random() ** 2 * MOST)
        drawn = rng.choices(names, weights, k=count)
        actions = tuple(PlannedAction(name, rng.random(), rng.random()) for name in drawn)
        _, low, high = rng.choices(PAUSES, [weight for weight, _, _ in PAUSES])[0]
        yield Burst(actions, timedelta(minutes=rng.uniform(low, high)))
