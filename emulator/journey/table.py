"""The journey for the terminal."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from emulator.journey.row import JourneyRow, summary
from emulator.terminal import console, table
from emulator.texts import Text as Words
from shared.metering.reconciliation.comparison import Day, plain

if TYPE_CHECKING:
    from rich.table import Table

WIDTH = 150
"""Columns where no terminal says how many it has."""

AMOUNTS = ("used", "late", "accepted", "refused", "pending", "billed", "drift")
_COLUMNS = (("step", 26), ("version", 7), ("sent", 48), ("request-id", 10), ("code", 6), ("ms", 5), ("verdict", None))


def show(rows: Sequence[JourneyRow], days: Sequence[Day], seconds: float) -> None:
    """Print a table for each chapter, how usage and bill reconcile, and the summary, to standard output."""
    shown = console(width=WIDTH)
    for number, (chapter, group) in enumerate(groupby(rows, key=lambda row: row.chapter)):
        shown.print(f"\n{chapter}" if number else str(chapter), style="bold")
        shown.print(_steps(group, header=number == 0))
    shown.print(f"\n{Words('terminal.reconciliation')}", style="bold")
    shown.print(_days(days))
    shown.print()
    show_summary(rows, seconds)


def show_summary(rows: Sequence[JourneyRow], seconds: float) -> None:
    """Print how many steps passed and failed."""
    passed = all(row.passed for row in rows)
    took = Words("terminal.took", what=summary(rows), seconds=f"{seconds:.1f}")
    console(width=WIDTH).print(str(took), style="bold green" if passed else "bold red")


def _days(days: Sequence[Day]) -> "Table":
    made = table((Words(f"terminal.{title}") for title in ("day", *AMOUNTS)), map(_amounts, days))
    for column in made.columns[1:]:
        column.justify = "right"
    return made


def _amounts(day: Day) -> Iterator[str]:
    refused = sum(day.refused.values(), Decimal(0))
    amounts = (day.ingested, day.late, day.accepted, refused, day.pending, day.bill, day.drift)
    yield day.day.isoformat()
    yield from ("-" if amount is None else plain(amount) for amount in amounts)


def _steps(rows: Iterable[JourneyRow], *, header: bool) -> "Table":
    made = table((Words(f"terminal.{title}") for title, _ in _COLUMNS), map(_cells, rows))
    made.show_header = header
    for column, (title, width) in zip(made.columns, _COLUMNS, strict=True):
        column.width, column.justify = width, "right" if title == "ms" else "left"
    return made


def _cells(row: JourneyRow) -> Sequence[object]:
    from rich.text import Text

    verdict = Text(row.verdict, style="green" if row.passed else "red")
    return row.step, row.version, row.ids, row.request_id[:8], row.code, f"{row.milliseconds:.0f}", verdict
