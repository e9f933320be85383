"""The journey for the terminal."""

import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from emulator.journey.row import Row, summary

if TYPE_CHECKING:
    from rich.table import Table

WIDTH = 150
"""Columns where no terminal says how many it has."""

_COLUMNS = (("step", 26), ("version", 7), ("sent", 48), ("request id", 10), ("code", 6), ("ms", 5), ("verdict", None))


def show(rows: Sequence[Row], seconds: float) -> None:
    """Print a table for each chapter, then the summary, to standard output."""
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    for number, (chapter, group) in enumerate(groupby(rows, key=lambda row: row.chapter)):
        console.print(f"\n{chapter}" if number else chapter, style="bold")
        console.print(_table(group, header=number == 0))
    passed = all(row.passed for row in rows)
    console.print(f"\n{summary(rows)} in {seconds:.1f} s", style="bold green" if passed else "bold red")


def _table(rows: Iterator[Row], *, header: bool) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_header=header, header_style="dim")
    for title, width in _COLUMNS:
        table.add_column(title, width=width, overflow="fold", justify="right" if title == "ms" else "left")
    for row in rows:
        cells = (row.step, row.version, row.ids, row.request_id[:8], row.code, f"{row.milliseconds:.0f}")
        # Text, not str: what came over the wire must not be read as rich's own markup.
        table.add_row(*(Text(cell) for cell in cells), Text(row.verdict, style="green" if row.passed else "red"))
    return table
