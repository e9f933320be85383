"""Windows, pure: which begin and end the records of a slot carry.

The marketplace processes only the first record with a given begin and end (metering and open APIs, section 2.4), so no
two records of an instance may have the same two. A window is chosen by looking at those that are taken: what nobody
has comes first, so that windows do not overlap as long as that can be, then every other pair of seconds there is. *n*
seconds hold n(n+1)/2 windows, and none of them is lost.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from shared.metering.slots import SECOND, Slot


class Window(NamedTuple):
    """``begin_time`` and ``end_time`` of a record, aware, whole seconds, begin < end."""

    begin: datetime
    end: datetime

    @property
    def seconds(self) -> int:
        return (self.end - self.begin) // SECOND


def stretch(slot: Slot, begin: datetime, end: datetime) -> Window | None:
    """The part of ``slot`` between two moments, to whole seconds inside them; ``None`` if that is less than one."""
    part = Window(_ceiled(max(slot.begin, begin)), _floored(min(slot.end, end)))
    return part if part.begin < part.end else None


def free(within: Window, taken: Collection[Window], parts: int = 1) -> Window | None:
    """A window that is not taken, the same for the same ``taken``; ``None`` if all are.

    ``parts``: so many windows are wanted, this one with them; they share what nobody has.
    """
    gap = _longest_gap(within, taken)
    if gap.seconds > 0:
        return Window(gap.begin, gap.begin + max(1, gap.seconds // parts) * SECOND)
    return next((window for window in _all(within) if window not in taken), None)


def narrowed(within: Window, last_use: datetime, repair: int) -> Window:
    """The part that ends right after ``last_use``, again a second earlier with each repair (from 1).

    For a record whose end was refused: the marketplace may know of a release that is not known here yet. What was used
    before it can be billed.
    """
    end = _floored(last_use) + (2 - repair) * SECOND
    return Window(within.begin, min(within.end, max(end, within.begin + SECOND)))


def _longest_gap(within: Window, taken: Collection[Window]) -> Window:
    gaps, edge = [], within.begin
    for window in sorted(taken):
        gaps.append(Window(edge, min(window.begin, within.end)))
        edge = max(edge, window.end)
    return max([*gaps, Window(edge, within.end)], key=lambda gap: gap.seconds)


def _all(within: Window) -> Iterator[Window]:
    """Every window of a stretch: those to its end first, the longest first."""
    for early in range(within.seconds):
        for late in range(within.seconds - early):
            yield Window(within.begin + late * SECOND, within.end - early * SECOND)


def _floored(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _ceiled(moment: datetime) -> datetime:
    return moment if moment.microsecond == 0 else _floored(moment) + SECOND
