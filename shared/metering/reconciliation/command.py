"""``reconcile``: usage and bills of some instances, as a table or as JSON."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from shared.app import App
from shared.errors import InvalidParameter
from shared.metering.reconciliation.bill import LIKELY, BillLine, read_bill
from shared.metering.reconciliation.comparison import Day, plain
from shared.metering.reconciliation.printing import reconciled, with_something_pending, with_something_sealed
from shared.metering.reconciliation.spreadsheet import sheets

TITLES = ("instance", "day", "ingested", "billed", "accepted", "refused", "late", "pending", "for", "bill", "drift")


def run(app: App, options: argparse.Namespace) -> int:
    """Print the days asked for; 1 if any of them drifts, else 0.

    :raises InvalidParameter: an option or the bill cannot be used.
    """
    if options.last < options.first:
        raise InvalidParameter("--to must not be before --from")
    bill = _bill(options) if options.bill else None
    days = list(_days(app, options, bill))
    now = app.clock.now()
    drifting = [day for day in days if day.drifts]
    if options.json:
        members = {
            "from": options.first.isoformat(),
            "to": options.last.isoformat(),
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


def _days(app: App, options: argparse.Namespace, bill: Sequence[BillLine] | None) -> Iterator[Day]:
    for instance_id in _instance_ids(app, options, bill):
        lines = None if bill is None else [line for line in bill if line.instance_id == instance_id]
        yield from reconciled(app, instance_id, options.first, options.last, lines)


def _instance_ids(app: App, options: argparse.Namespace, bill: Sequence[BillLine] | None) -> list[str]:
    named = set(options.instance)
    if options.instances_file:
        named |= set(options.instances_file.read_text(encoding="utf-8-sig", errors="replace").split())
    if named:
        return sorted(named)
    billed = {line.instance_id for line in bill or ()}
    return sorted(billed | with_something_sealed(app, options.first, options.last) | with_something_pending(app))


def _bill(options: argparse.Namespace) -> list[BillLine]:
    named = dict(part.split("=", 1) for part in options.columns.split(",") if "=" in part)
    if unknown := named.keys() - LIKELY.keys():
        raise InvalidParameter(f"--columns knows instance, begin, end and value, not {', '.join(sorted(unknown))}")
    return read_bill(sheets(options.bill.read_bytes(), options.bill_encoding), named, options.bill_zone)
