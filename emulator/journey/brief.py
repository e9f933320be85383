"""The journey in a few lines for the terminal: how each part of it went, and what failed."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from emulator.journey.row import JourneyRow
from emulator.journey.table import WIDTH, show_summary
from emulator.terminal import console, table
from emulator.texts import Text as Words

MOST = 5
"""Failed steps that are named; the page of the journey has all of them."""


def show_parts(rows: Sequence[JourneyRow], seconds: float) -> None:
    """Print a line for each part, the first failed steps and the summary, to standard output."""
    from rich.text import Text

    shown, made = console(width=WIDTH), table(("", "", ""), map(_cells, parts(rows)))
    made.show_header, made.columns[1].justify = False, "right"
    shown.print(made)
    for row in [row for row in rows if not row.passed][:MOST]:
        shown.print(Text(f"{row.chapter}, {row.step}: {row.verdict}", "red"))
    show_summary(rows, seconds)


def _cells(part: tuple[Words, int, int]) -> Sequence[object]:
    from rich.text import Text

    name, steps, failed = part
    verdict = Text(f"✗ {Words('terminal.count.failed', n=failed)}", "red") if failed else Text("✓", "green")
    return name, Words("terminal.steps", n=steps), verdict


def parts(rows: Sequence[JourneyRow]) -> Iterator[tuple[Words, int, int]]:
    """Usage, each version, what must be refused, the seller's own products: how many steps, and how many failed."""
    for part, group in groupby(rows, key=_part):
        passed = [row.passed for row in group]
        yield part, len(passed), passed.count(False)


def _part(row: JourneyRow) -> Words:
    """Of ``journey.chapters.v1-yearly`` it is ``v1``."""
    name = row.chapter.id.rpartition(".")[2].partition("-")[0]
    return Words(f"journey.parts.{name}")
