"""What commands print with. rich is imported when something is shown."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import ProgressColumn
    from rich.table import Table

WIDTH = 120
"""Columns where no terminal says how many it has."""


def console(*, errors: bool = False, width: int = WIDTH) -> "Console":
    """Standard output, or standard error, as rich writes to it; ``width``: where no terminal says how wide it is."""
    from rich.console import Console

    stream = sys.stderr if errors else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else width, highlight=False)


def table(titles: Iterable[object], rows: Iterable[Iterable[object]]) -> "Table":
    """Cells are texts of rich's, or anything else to be shown as it is; ``None`` is an empty cell."""
    from rich.table import Table
    from rich.text import Text

    made = Table(box=None, pad_edge=False, header_style="dim")
    for title in titles:
        made.add_column(str(title), overflow="fold")
    for row in rows:
        # Text, not str: what came over the wire must not be read as rich's own markup.
        made.add_row(*(cell if isinstance(cell, Text) else Text("" if cell is None else str(cell)) for cell in row))
    return made


def print_table(titles: Iterable[object], rows: Iterable[Iterable[object]]) -> None:
    """On standard output; cells as of :func:`table`."""
    console().print(table(titles, rows))


def print_json(document: object) -> None:
    """On standard output, for programs and for people."""
    print(json.dumps(document, ensure_ascii=False, indent=2))


@contextmanager
def steps_done(total: int) -> Iterator[Callable[[str], None]]:
    """A bar on a terminal, elsewhere nothing. What it gives is told of each step by its name."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn

    columns = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn()
    with _progress(*columns, total=total) as update:
        yield lambda name: update(description=name, advance=1)


@contextmanager
def items_done() -> Iterator[Callable[[str, int], None]]:
    """How far something has come of which nobody knows how much there is: on a terminal, elsewhere nothing. What it
    gives is told the name of a table, and how many of its items were looked at.
    """
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = SpinnerColumn(), TextColumn("{task.description} {task.completed}", markup=False), TimeElapsedColumn()
    with _progress(*columns) as update:
        yield lambda name, number: update(description=name, completed=number)


@contextmanager
def _progress(*columns: "ProgressColumn", total: int | None = None) -> Iterator[Callable[..., None]]:
    from rich.progress import Progress

    with Progress(*columns, console=console(errors=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        yield partial(bar.update, bar.add_task("", total=total))
