"""``koogallery reconcile``: usage and bills of some instances, as a table or as JSON."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from shared.errors import InvalidParameter
from shared.metering.reconciliation.bill import LIKELY, BillLine, named_columns, read_bill
from shared.metering.reconciliation.comparison import Day, plain
from shared.metering.reconciliation.printing import reconciled, with_something_pending, with_something_sealed
from shared.metering.reconciliation.spreadsheet import sheets
from shared.metering.terminal import padded, width

if TYPE_CHECKING:
    from shared.app import App

TITLES = ("instance", "day", "ingested", "billed", "accepted", "refused", "late", "pending", "for", "bill", "drift")

TOGETHER = 500
"""Lines of a table that are as wide as each other, and kept until they are written."""


@dataclass(frozen=True, slots=True)
class Question:
    """What to reconcile: days, instances (all with something to say unless named), and the marketplace's bill."""

    first: date
    last: date
    instances: Sequence[str]
    instances_file: Path | None
    as_json: bool
    bill: Path | None
    columns: str
    bill_encoding: str | None
    bill_zone: timezone
    """Of the bill's times where they tell none."""
    titles: Sequence[str] = TITLES
    """Headings of the table, which may be in another language."""


def run(app: "App", asked: Question) -> int:
    """Print the days asked for; 1 if any of them drifts, else 0.

    :raises InvalidParameter: an option or the bill cannot be used.
    """
    if asked.last < asked.first:
        raise InvalidParameter("--to must not be before --from")
    bill = _bill(asked.bill, asked) if asked.bill else None
    written = _as_json if asked.as_json else _as_table
    return 1 if written(_days(app, asked, bill), asked, app.clock.now()) else 0


def _as_json(days: Iterable[Day], asked: Question, now: datetime) -> int:
    """One document, each day as it is found, so that nothing is kept; how many drift."""
    sys.stdout.write(f'{{\n  "from": "{asked.first.isoformat()}",\n  "to": "{asked.last.isoformat()}",\n  "days": [')
    drifting, between = 0, ""
    for day in days:
        sys.stdout.write(f"{between}\n    {json.dumps(day.members(now))}")
        drifting, between = drifting + day.drifts, ","
    sys.stdout.write(f'\n  ],\n  "drifting": {drifting}\n}}\n')
    return drifting


def _as_table(days: Iterable[Day], asked: Question, now: datetime) -> int:
    """So many lines at a time, each as wide as they need; how many drift."""
    rest = iter(days)
    some, drifting = list(islice(rest, TOGETHER)), 0
    while True:
        sys.stdout.write(table(some, now, asked.titles))
        drifting += sum(day.drifts for day in some)
        if not (some := list(islice(rest, TOGETHER))):
            return drifting


def table(days: Sequence[Day], now: datetime, titles: Sequence[str] = TITLES) -> str:
    """The days as text, one a line; those that drift have ``!`` at their end."""
    rows = [titles, *(_cells(day, now) for day in days)]
    widths = [max(width(row[column]) for row in rows) for column in range(len(titles))]
    lines = ["  ".join(map(padded, row, widths)).rstrip() for row in rows]
    marks = ["", *(" !" if day.drifts else "" for day in days)]
    return "".join(f"{line}{mark}\n" for line, mark in zip(lines, marks, strict=True))


def _cells(day: Day, now: datetime) -> tuple[str, ...]:
    refused = ", ".join(f"{plain(value)} ({code})" for code, value in sorted(day.refused.items()))
    waiting = max(timedelta(0), now - day.pending_since) if day.pending_since else None
    return (
        day.instance_id,
        day.day.isoformat(),
        plain(day.ingested),
        plain(day.billed),
        plain(day.accepted),
        refused or "0",
        plain(day.late),
        plain(day.pending),
        "" if waiting is None else str(timedelta(seconds=int(waiting.total_seconds()))),
        "" if day.bill is None else plain(day.bill),
        "" if day.drift is None else plain(day.drift),
    )


def _days(app: "App", asked: Question, bill: Sequence[BillLine] | None) -> Iterator[Day]:
    lines_of: dict[str, list[BillLine]] = {}
    for line in bill or ():
        lines_of.setdefault(line.instance_id, []).append(line)
    for instance_id in _instance_ids(app, asked, bill):
        lines = None if bill is None else lines_of.get(instance_id, [])
        yield from reconciled(app, instance_id, asked.first, asked.last, lines)


def _instance_ids(app: "App", asked: Question, bill: Sequence[BillLine] | None) -> list[str]:
    named = set(asked.instances)
    if asked.instances_file:
        named |= set(asked.instances_file.read_text(encoding="utf-8-sig", errors="replace").split())
    if named:
        return sorted(named)
    billed = {line.instance_id for line in bill or ()}
    return sorted(billed | with_something_sealed(app, asked.first, asked.last) | with_something_pending(app))


def _bill(file: Path, asked: Question) -> list[BillLine]:
    named = named_columns(asked.columns, LIKELY)
    return read_bill(sheets(file.read_bytes(), asked.bill_encoding), named, asked.bill_zone)
