"""The findings, as JSON and on a terminal."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from emulator.doctor.diagnosis import Diagnosis, Severity
from emulator.terminal import console
from emulator.texts import Text

MARKS = {Severity.OK: ("✓", "green"), Severity.WARNING: ("!", "yellow"), Severity.ERROR: ("✗", "bold red")}


def is_well(found: Sequence[Diagnosis]) -> bool:
    """Is nothing to be mended before calls succeed?"""
    return not any(each.level is Severity.ERROR for each in found)


def document(found: Sequence[Diagnosis], language: str) -> dict[str, Any]:
    """``{"ok", "findings"}``."""
    return {"ok": is_well(found), "findings": [each.document(language) for each in found]}


def show(found: Sequence[Diagnosis], language: str) -> None:
    """Print every finding, with what mends it below."""
    from rich.table import Table
    from rich.text import Text as Styled

    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for each in found:
        mark, style = MARKS[each.level]
        said = each.document(language)
        grid.add_row(Styled(mark, style), Styled(each.check), Styled(said["text"]))
        if said["fix"]:
            grid.add_row("", "", Styled(f"→ {said['fix']}", style))
    out, well = console(), is_well(found)
    out.print(grid)
    counts = Counter(each.level for each in found)
    summary = Text(
        "doctor.summary.text", ok=counts[Severity.OK], warnings=counts[Severity.WARNING], errors=counts[Severity.ERROR]
    )
    out.print()
    out.print(summary.said(language), style="bold green" if well else "bold red", markup=False)
