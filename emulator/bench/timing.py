"""What was measured, and how two measurements compare."""

import resource
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from statistics import mean, median, quantiles
from typing import NamedTuple, Protocol, TypeVar

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
"""Where the code is that is measured."""


class BenchError(Exception):
    """Something answered otherwise than it must, so its time says nothing."""


class Track(Protocol):
    """Goes through the steps of a section and shows how far it has got."""

    def __call__(self, sequence: Sequence[T], description: str, /) -> Iterable[T]: ...


class Size(NamedTuple):
    """How much is measured: ``rounds`` of ``calls`` requests each, ``starts`` of a fresh interpreter, an enterprise of
    so many ``users``, up to so many usage ``events``, ``instances`` metered at a distance, and ``listed`` calls.
    """

    rounds: int
    calls: int
    starts: int
    users: int
    events: int
    instances: int
    listed: int


@dataclass(frozen=True)
class Timing:
    """Seconds per call, by round. What is to be compared was measured in turns, so that a machine that is busy for a
    while slows the same round of each.
    """

    rounds: Sequence[Sequence[float]]

    @property
    def calls(self) -> list[float]:
        """All of them, in seconds."""
        return list(chain.from_iterable(self.rounds))

    @property
    def per_second(self) -> float:
        """Calls per second, one after the other."""
        return 1 / mean(self.calls)

    @property
    def p50(self) -> float:
        """Median, in milliseconds."""
        return 1000 * median(self.calls)

    @property
    def p95(self) -> float:
        """What 95 of 100 calls take at most, in milliseconds."""
        return self._percentile(95)

    @property
    def p99(self) -> float:
        """What 99 of 100 calls take at most, in milliseconds."""
        return self._percentile(99)

    def _percentile(self, number: int) -> float:
        calls = self.calls
        return 1000 * (quantiles(calls, n=100, method="inclusive")[number - 1] if len(calls) > 1 else calls[0])

    def over(self, other: "Timing") -> float:
        """How many times as long as ``other`` a call takes: the median of the rounds' ratios."""
        pairs = zip(self.rounds, other.rounds, strict=True)
        return median(mean(mine) / mean(others) for mine, others in pairs)


def seconds(work: Callable[[], object], times: int = 1) -> float:
    """How long one ``work()`` takes, measured over ``times`` of them."""
    started = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - started) / times


def each(work: Callable[[T], object], values: Iterable[T]) -> None:
    """``work`` on one value after the other."""
    for value in values:
        work(value)


def peak_mib() -> float:
    """The most memory that this process has had so far, in MiB. ``ru_maxrss`` begins at that of the parent on Linux."""
    with suppress(OSError), open("/proc/self/status") as status:  # noqa: PTH123 - no file on other systems
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def whole_rounds(steps: Iterable[T], length: int, limit: float) -> Iterator[T]:
    """``steps`` up to the end of the round (of ``length`` steps) in which ``limit`` seconds have passed."""
    end = time.monotonic() + limit
    for number, step in enumerate(steps):
        if number and number % length == 0 and time.monotonic() > end:
            return
        yield step
