"""``koogallery reconcile``: usage and bills of some instances, as a table or as JSON."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from shared.errors import InvalidParameter
from shared.metering.reconciliation.bill import LIKELY, BillLine, read_bill
from shared.metering.reconciliation.comparison import Day, plain
from shared.metering.reconciliation.printing import reconciled, with_something_pending, with_something_sealed
from shared.metering.reconciliation.spreadsheet import sheets

if TYPE_CHECKING:
    from shared.app import App

TITLES = ("instance", "day", "ingested", "billed", "accepted", "refused", "late", "pending", "for", "bill", "drift")


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


def run(app: "App", asked: Question) -> int:
    """Print the days asked for; 1 if any of them drifts, else 0.

    :raises InvalidParameter: an option or the bill cannot be used.
    """
    if asked.last < asked.first:
        raise InvalidParameter("--to must not be before --from")
    bill = _bill(asked.bill, asked) if asked.bill else None
    days = list(_days(app, asked, bill))
    now = app.clock.now()
    drifting = [day for day in days if day.drifts]
    if asked.as_json:
        members = {
            "from": asked.first.isoformat(),
            "to": asked.last.isoformat(),
            "days": [day.members(now) for day in days],
            "drifting": len(drifting),
        }
        sys.stdout.write(json.dumps(members, indent=2) + "\n")
    else:
        sys.stdout.write(table(days, now))
    return 1 if drifting else 0


def table(days: Sequence[Day], now: datetime) -> str:
    """The days as text, one a line; those that drift have ``!`` at their end."""
    rows = [TITLES, *(_cells(day, now) for day in days)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(TITLES))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
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
    for instance_id in _instance_ids(app, asked, bill):
        lines = None if bill is None else [line for line in bill if line.instance_id == instance_id]
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
    named = dict(part.split("=", 1) for part in asked.columns.split(",") if "=" in part)
    if unknown := named.keys() - LIKELY.keys():
        raise InvalidParameter(f"--columns knows instance, begin, end and value, not {', '.join(sorted(unknown))}")
    return read_bill(sheets(file.read_bytes(), asked.bill_encoding), named, asked.bill_zone)
