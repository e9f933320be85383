"""The journey for the terminal."""

import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from emulator.journey.row import JourneyRow, summary
from emulator.texts import Text as Words
from shared.metering.reconciliation.comparison import Day, plain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

WIDTH = 150
"""Columns where no terminal says how many it has."""

AMOUNTS = ("used", "late", "accepted", "refused", "pending", "billed", "drift")
_COLUMNS = (("step", 26), ("version", 7), ("sent", 48), ("request-id", 10), ("code", 6), ("ms", 5), ("verdict", None))


def show(rows: Sequence[JourneyRow], days: Sequence[Day], seconds: float) -> None:
    """Print a table for each chapter, how usage and bill reconcile, and the summary, to standard output."""
    console = terminal()
    for number, (chapter, group) in enumerate(groupby(rows, key=lambda row: row.chapter)):
        console.print(f"\n{chapter}" if number else str(chapter), style="bold")
        console.print(_table(group, header=number == 0))
    _show_days(days, console)
    console.print()
    show_summary(rows, seconds, console)


def terminal() -> "Console":
    """Standard output, as wide as it is."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)


def show_summary(rows: Sequence[JourneyRow], seconds: float, console: "Console") -> None:
    """Print how many steps passed and failed."""
    passed = all(row.passed for row in rows)
    took = Words("terminal.took", what=summary(rows), seconds=f"{seconds:.1f}")
    console.print(str(took), style="bold green" if passed else "bold red")


def _show_days(days: Sequence[Day], console: "Console") -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("day", *AMOUNTS):
        table.add_column(str(Words(f"terminal.{title}")), justify="left" if title == "day" else "right")
    for day in days:
        refused = sum(day.refused.values(), Decimal(0))
        amounts = (day.ingested, day.late, day.accepted, refused, day.pending, day.bill, day.drift)
        table.add_row(day.day.isoformat(), *("-" if amount is None else plain(amount) for amount in amounts))
    console.print(f"\n{Words('terminal.reconciliation')}", style="bold")
    console.print(table)


def _table(rows: Iterator[JourneyRow], *, header: bool) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_header=header, header_style="dim")
    for title, width in _COLUMNS:
        heading, right = str(Words(f"terminal.{title}")), title == "ms"
        table.add_column(heading, width=width, overflow="fold", justify="right" if right else "left")
    for row in rows:
        cells = (str(row.step), row.version, row.ids, row.request_id[:8], row.code, f"{row.milliseconds:.0f}")
        # Text, not str: what came over the wire must not be read as rich's own markup.
        table.add_row(*(Text(cell) for cell in cells), Text(row.verdict, style="green" if row.passed else "red"))
    return table
