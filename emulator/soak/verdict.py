"""The verdict: what must be true after a soak, each with its numbers and, if it is not, with what it fails on."""

from collections.abc import Callable, Mapping

from emulator.soak.book_verdict import BookComparison
from emulator.soak.errors import CLIENT_RENEWED, ExplainedErrors, unexpected
from emulator.soak.finding import SoakFinding
from emulator.soak.memory_verdict import growth
from emulator.soak.month_verdict import by_month
from emulator.soak.orders_verdict import Comparison, forgotten
from emulator.soak.soak import Soak
from emulator.soak.usage_verdict import billed

SLOWEST, SLOWEST_OTHER = 5000.0, 8500.0
"""Milliseconds of the bundle's own time for an answer: to the marketplace, and to others. A person who logs in waits up
to 8 seconds for a slow sign-in server.
"""


def _usage(soak: Soak) -> SoakFinding:
    found, months = billed(soak.environment, soak.usage.taken), by_month(soak.environment)
    problems = [f"{problem}: {count}" for problem, count in soak.usage.problems.items()]
    return SoakFinding(f"{found.numbers}, {months.numbers}", [*found.problems, *months.problems, *problems])


def _directory(soak: Soak) -> SoakFinding:
    renewed = sum(
        count for (message, _, _), count in soak.environment.watch.errors.items() if message == CLIENT_RENEWED
    )
    return soak.logins.directories(soak.environment.application, renewed)


def _right(soak: Soak, faults: ExplainedErrors) -> SoakFinding:
    """As the seller console judges; what an injected fault explains is no problem."""
    tally, market = soak.tally, soak.environment.market
    wrong = {kind: count for kind, count in tally.wrong.items() if not faults.explain_answer(*kind)}
    problems = [
        f"{count} x {check} on {activity}, code {code} (call {tally.samples[check, activity, code]})"
        for (check, activity, code), count in wrong.items()
    ]
    for number, instance_id in tally.gone:
        subscription = market.instances.subscription(instance_id)
        if subscription is None or subscription.closed_at is None:  # else a release overtook the call
            problems.append(f"call {number}: {instance_id} is said not to be there")
    explained = tally.wrong.total() - sum(wrong.values()) + len(tally.gone)
    return SoakFinding(f"{explained} failed as the faults made them", problems)


def _slowest(soak: Soak) -> SoakFinding:
    watch = soak.environment.watch
    bounds = ((watch.marketplace, SLOWEST), (watch.others, SLOWEST_OTHER))
    late = [f"{answers.slowest:.0f} ms: {answers.line}" for answers, most in bounds if answers.slowest > most]
    to_marketplace = f"slowest of {watch.marketplace.number} to the marketplace: {watch.marketplace.slowest:.0f} ms"
    return SoakFinding(f"{to_marketplace}, of {watch.others.number} others: {watch.others.slowest:.0f} ms", late)


def _errors(soak: Soak, faults: ExplainedErrors) -> SoakFinding:
    watch = soak.environment.watch
    found = unexpected(watch, faults, forgotten(soak.environment))
    return SoakFinding(f"{watch.errors.total()} lines of level ERROR, {len(found)} kinds unexpected", found)


CHECKS: Mapping[str, Callable[[Soak, ExplainedErrors], SoakFinding]] = {
    "instances = orders": lambda soak, _: Comparison(soak.environment).run(),
    "order book = orders": lambda soak, _: BookComparison(soak.environment).run(),
    "billed = used": lambda soak, _: _usage(soak),
    "directory = source": lambda soak, _: _directory(soak),
    "nothing is left over": lambda soak, _: SoakFinding(
        f"{soak.restarts} messages restarted by hand", soak.left_over()
    ),
    "every answer is signed": lambda soak, _: SoakFinding(
        f"{soak.tally.calls.total()} calls", [f"call {number}" for number in soak.tally.unsigned]
    ),
    "no forged call accepted": lambda soak, _: SoakFinding(
        f"{soak.tally.forged} forged calls", soak.tally.accepted_forged
    ),
    "every answer is right": _right,
    "answers in time": lambda soak, _: _slowest(soak),
    "no unexpected error": _errors,
    "memory is flat": lambda soak, _: growth(soak.sizes),
}
"""What must be true, in the order in which it is told."""


def verdict(soak: Soak, faults: ExplainedErrors) -> Mapping[str, SoakFinding]:
    """What is true of ``soak``, which has ended. ``faults``: those that were switched on."""
    return {title: check(soak, faults) for title, check in CHECKS.items()}
