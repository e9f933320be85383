"""Usage from a CSV file, for back-fill: read as a stream, a thousand rows at a time."""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO

from shared.errors import InvalidParameter
from shared.metering.event_rules import Reason
from shared.metering.intake import MOST, take_in
from shared.store.paging import chunks

if TYPE_CHECKING:
    from shared.app import App

MEMBERS = {"id": "id", "instance_id": "instanceId", "time": "time", "value": "value", "package": "package"}
"""Member of an event by column. Further columns are left alone."""
REQUIRED = ("id", "instance_id", "time", "value")


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row: the file's line it ends in (from 1) and its cells by column; ``whole`` if it has as many as the
    header.
    """

    line: int
    cells: Mapping[str, str]
    whole: bool = True

    def event(self) -> Any:
        """The event's members; what is not there is left out."""
        cells = ((column, self.cells.get(column)) for column in MEMBERS)
        return {MEMBERS[column]: cell for column, cell in cells if cell} if self.whole else None


@dataclass
class Summary:
    """What became of the rows."""

    accepted: int = 0
    duplicates: int = 0
    rejected: Counter[Reason] = field(default_factory=Counter)


def read_rows(file: TextIO) -> Iterator[CsvRow]:
    """The rows of a CSV file with the columns ``id``, ``instance_id``, ``time``, ``value`` and perhaps ``package``.

    :raises InvalidParameter: columns are missing, or the file cannot be read as CSV any further.
    """
    reader = csv.DictReader(file, strict=True)
    try:
        if missing := [name for name in REQUIRED if name not in (reader.fieldnames or ())]:
            raise InvalidParameter(f"the file's first line must name the columns; missing: {', '.join(missing)}")
        for cells in reader:
            plain = {name: value.strip() for name, value in cells.items() if isinstance(value, str)}
            yield CsvRow(reader.line_num, plain, whole=len(plain) == len(cells))
    except (csv.Error, UnicodeDecodeError) as error:
        reason = "not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        raise InvalidParameter(f"the file cannot be read after line {reader.line_num}: {reason}") from None


def import_rows(
    app: "App",
    rows: Iterable[CsvRow],
    summary: Summary,
    *,
    store: bool,
    on_rejected: Callable[[CsvRow, Reason], None],
    on_progress: Callable[[], None],
) -> None:
    """Take in the rows, a thousand at a time, and count them in ``summary``.

    Without ``store`` nothing is stored, so that a repeated id counts as a duplicate only within a thousand rows.

    :raises shared.errors.Unavailable: the store failed. Import the file again: what is stored is a duplicate then.
    """
    for chunk in chunks(rows, MOST):
        intake = take_in(app, [row.event() for row in chunk], store=store)
        summary.accepted += intake.accepted
        summary.duplicates += intake.duplicates
        for each in intake.rejected:
            summary.rejected[each.reason] += 1
            on_rejected(chunk[each.index], each.reason)
        on_progress()
