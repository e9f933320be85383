"""Is memory flat?"""

from collections.abc import Sequence

from emulator.soak.finding import SoakFinding

WARM = 0.2
"""Part of a soak after which everything is loaded."""
BOUND = 8.0
"""MiB a minute. The emulator's own lists of ids grow by less than one."""
SHORTEST = 150.0
"""Seconds that must have passed for a rate to mean anything; until then only :data:`MOST` counts."""
MOST = 150.0
"""MiB, for short soaks."""


def growth(sizes: Sequence[tuple[float, float]]) -> SoakFinding:
    """How much it grew from a fifth of the time to the end.

    :param sizes: seconds since the start, and MiB.
    """
    end, last = sizes[-1]
    start, first = next((size for size in sizes if size[0] >= end * WARM), sizes[-1])
    minutes = (end - start) / 60
    rate = (last - first) / minutes if minutes else 0.0
    numbers = f"{first:.0f} MiB after {start:.0f} s, {last:.0f} MiB after {end:.0f} s: {rate:+.1f} MiB a minute"
    too_much = rate > BOUND if end - start >= SHORTEST else last - first > MOST
    return SoakFinding(numbers, [f"more than {BOUND:g} MiB a minute"] if too_much else [])
