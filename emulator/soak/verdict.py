"""The verdict: what must be true after a soak, each with its numbers and, if it is not, with what it fails on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from emulator.soak.errors import Faults, unexpected
from emulator.soak.memory_verdict import growth
from emulator.soak.orders_verdict import orders
from emulator.soak.soak import Soak
from emulator.soak.usage_verdict import billed

SLOWEST = 5000.0
"""Milliseconds of the bundle's own time for an answer."""
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that must be true. ``numbers`` in words; ``problems``: what it is not true of."""

    title: str
    numbers: str
    problems: Sequence[str] = field(default=())

    @property
    def passed(self) -> bool:
        """Is it true?"""
        return not self.problems

    @property
    def shown(self) -> str:
        """The first problems."""
        more = len(self.problems) - SHOWN
        return "; ".join(self.problems[:SHOWN]) + (f"; and {more} more" if more > 0 else "")


def verdict(soak: Soak, faults: Faults) -> list[Line]:
    """What is true of ``soak``, which has ended. ``faults``: ids of those that were switched on."""
    checks: Sequence[Callable[[], Line]] = (
        lambda: _instances(soak),
        lambda: _usage(soak),
        lambda: _drained(soak),
        lambda: _signed(soak),
        lambda: _rogues(soak),
        lambda: _right(soak, faults),
        lambda: _slowest(soak),
        lambda: _errors(soak, faults),
        lambda: _memory(soak),
    )
    return [check() for check in checks]


def _instances(soak: Soak) -> Line:
    found = orders(soak.stage)
    return Line("instances = orders", found.numbers, found.problems)


def _usage(soak: Soak) -> Line:
    found = billed(soak.stage, soak.users.taken)
    troubles = [f"{trouble}: {count}" for trouble, count in soak.users.troubles.items()]
    return Line("billed = used", found.numbers, [*found.problems, *troubles])


def _drained(soak: Soak) -> Line:
    return Line("nothing is left over", f"{soak.restarts} messages restarted by hand", soak.left_over())


def _signed(soak: Soak) -> Line:
    tally = soak.tally
    return Line(
        "every answer is signed", f"{tally.calls.total()} calls", [f"call {number}" for number in tally.unsigned]
    )


def _rogues(soak: Soak) -> Line:
    tally = soak.tally
    return Line("no rogue got through", f"{tally.rogues} rogues", [f"call {each}" for each in tally.accepted_rogues])


def _right(soak: Soak, faults: Faults) -> Line:
    """As the seller console judges; what an injected fault explains is no problem."""
    wrong = {kind: count for kind, count in soak.tally.wrong.items() if not faults.explain_answer(*kind)}
    explained = soak.tally.wrong.total() - sum(wrong.values())
    problems = [
        f"{count} x {check} on {activity}, code {code} (call {soak.tally.samples[check, activity, code]})"
        for (check, activity, code), count in wrong.items()
    ]
    market = soak.stage.market
    for number, instance_id in soak.tally.gone:
        subscription = market.instances.subscription(instance_id)
        if subscription is None or subscription.closed_at is None:  # else a release overtook the call
            problems.append(f"call {number}: {instance_id} is said not to be there")
    explained += len(soak.tally.gone)
    return Line("every answer is right", f"{explained} failed as the faults made them", problems)


def _slowest(soak: Soak) -> Line:
    watch = soak.stage.watch
    late = [f"{watch.slowest:.0f} ms: {watch.slowest_line}"] if watch.slowest > SLOWEST else []
    return Line("answers in time", f"slowest of {watch.answered}: {watch.slowest:.0f} ms", late)


def _errors(soak: Soak, faults: Faults) -> Line:
    watch = soak.stage.watch
    found = unexpected(watch, faults)
    total = watch.errors.total()
    return Line("no unexpected error", f"{total} lines of level ERROR, {len(found)} kinds unexpected", found)


def _memory(soak: Soak) -> Line:
    found = growth(soak.sizes)
    return Line("memory is flat", found.numbers, found.problems)
