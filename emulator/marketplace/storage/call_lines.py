"""Calls as lists show them: the columns of their table, without the calls themselves."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from emulator.marketplace.storage.kept_text import read
from emulator.texts import Text


class TimelineLine(NamedTuple):
    """A call in a list; ``at`` is ISO 8601 in UTC. ``problem``: the first failed check, or why there is no answer.

    ``source``: who made it, see :attr:`RecordedCall.source`. ``request_id``: under which the seller's server logged it,
    if it says so.
    """

    number: int
    at: str
    direction: str
    family: str
    activity: str
    version: str
    order_id: str
    instance_id: str
    occasion: Text | None
    fault: str
    status: int
    code: str
    milliseconds: float
    verdict: str
    problem: Text | None
    source: str
    request_id: str

    @property
    def reason(self) -> Text | None:
        """``problem`` without the title of the check, for where there is little room."""
        why = self.problem.parameters.get("why") if self.problem else None
        return why if isinstance(why, Text) else self.problem


class CallsFound(NamedTuple):
    """A page of a list. ``further``: calls older than that number may be found, too; ``looked_at``: how many calls had
    to be looked into.
    """

    lines: Sequence[TimelineLine]
    further: int | None = None
    looked_at: int = 0


COLUMNS = ", ".join(TimelineLine._fields)
_OCCASION, _PROBLEM = TimelineLine._fields.index("occasion"), TimelineLine._fields.index("problem")


def read_line(row: Sequence[Any]) -> TimelineLine:
    """A row of :data:`COLUMNS`."""
    stored = TimelineLine(*row)
    return stored._replace(occasion=read(row[_OCCASION]), problem=read(row[_PROBLEM]))
