"""Why calls failed, by cause: one mistake of the seller is one finding, however many calls met it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from emulator.marketplace.delivery.call import Judged
from emulator.marketplace.storage.call_filter import Filter
from emulator.marketplace.storage.call_lines import TimelineLine
from emulator.marketplace.storage.timeline import Timeline

LOOKED_AT = 2000
"""Calls looked through, from the newest on."""


@dataclass(frozen=True, slots=True)
class FailureCause:
    """Calls of the seller's server that failed for one reason. ``latest``: the newest of them; ``failure``: what its
    first failed check found. ``mended``: each activity that met it has passed since.
    """

    failure: Judged
    latest: TimelineLine
    calls: int
    orders: int
    activities: tuple[str, ...]
    mended: bool


def causes(timeline: Timeline) -> Sequence[FailureCause]:
    """The causes among the newest calls: open ones first, and of those the one that most calls met."""
    lines = timeline.lines(Filter(direction="out"), limit=LOOKED_AT)
    passed = _newest(line for line in lines if line.verdict == "passed")
    groups = defaultdict[tuple[str, str], list[TimelineLine]](list)
    for line in lines:
        if line.verdict == "failed":
            groups[_kind(line)].append(line)
    found = [cause for group in groups.values() if (cause := _cause(timeline, group, passed))]
    return sorted(found, key=lambda cause: (cause.mended, -cause.calls, -cause.latest.number))


def _newest(lines: Iterable[TimelineLine]) -> Mapping[str, int]:
    """The number of each activity's newest call."""
    return {line.activity: line.number for line in sorted(lines, key=lambda line: line.number)}


def _kind(line: TimelineLine) -> tuple[str, str]:
    """The check and the kind of reason, without what varies from call to call."""
    title = line.problem.parameters.get("title") if line.problem else None
    return str(getattr(title, "id", "")), line.reason.id if line.reason else ""


def _cause(timeline: Timeline, lines: Sequence[TimelineLine], passed: Mapping[str, int]) -> FailureCause | None:
    latest = timeline.get(lines[0].number)
    failure = latest.first_failure if latest else None
    if failure is None:
        return None
    newest = _newest(lines)
    mended = all(passed.get(activity, 0) > number for activity, number in newest.items())
    orders = {line.order_id or line.instance_id for line in lines} - {""}
    return FailureCause(failure, lines[0], len(lines), len(orders), tuple(sorted(newest)), mended)
