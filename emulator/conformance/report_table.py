"""The report for the terminal."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from emulator.conformance.case import CallCase, Case, CaseVerdict, Result
from emulator.conformance.report import Report, called
from emulator.texts import Text as Words

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

WIDTH = 120
"""Columns where no terminal says how many it has."""

MARKS = {CaseVerdict.PASSED: "✓", CaseVerdict.FAILED: "✗", CaseVerdict.WARNING: "!", CaseVerdict.SKIPPED: "-"}
_STYLES = {
    CaseVerdict.PASSED: "green",
    CaseVerdict.FAILED: "bold red",
    CaseVerdict.WARNING: "yellow",
    CaseVerdict.SKIPPED: "dim",
}


def console(*, errors: bool = False) -> "Console":
    """Standard output, or standard error, as rich writes to it."""
    from rich.console import Console

    stream = sys.stderr if errors else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else WIDTH, highlight=False)


def show(report: Report, *, calls: bool = False) -> None:
    """Print every case, then what to do about those that did not pass; ``calls``: with what was sent and came back."""
    out = console()
    out.print(_table(report.results))
    for result in report.results:
        if result.verdict in (CaseVerdict.FAILED, CaseVerdict.WARNING):
            out.print()
            for label, text in _advice(result, calls=calls):
                out.print(_line(label, text, result.verdict))
    out.print()
    for text in report.unproven:
        out.print(_line(_word("unproven"), text, CaseVerdict.SKIPPED))
    what = Words("terminal.check", url=report.url, summary=report.summary)
    took = Words("terminal.took", what=what, seconds=f"{report.seconds:.1f}")
    out.print(f"\n{took}", style="bold green" if report.passed else "bold red", markup=False)


def show_list(cases: Iterable[Case]) -> None:
    """Print the cases there are."""
    table = empty_table(*map(_word, ("id", "title", "kind")))
    for case in cases:
        kind = _word("advice") if case.advised else ""
        if isinstance(case, CallCase):
            kind = _word("real") if case.real else "--sync" if case.sync else kind
        table.add_row(case.id, str(case.title), kind)
    console().print(table)


def _table(results: Sequence[Result]) -> "Table":
    from rich.text import Text

    table = empty_table("", *map(_word, ("id", "title", "ms", "wrong")))
    table.columns[3].justify = "right"
    for result in results:
        time = f"{result.milliseconds:.0f}" if isinstance(result.case, CallCase) and result.exchanges else ""
        # Text, not str: what came over the wire must not be read as rich's own markup.
        cells = (result.case.id, str(result.case.title), time, str(result.reason or ""))
        table.add_row(Text(MARKS[result.verdict], style=_STYLES[result.verdict]), *(Text(cell) for cell in cells))
    return table


def empty_table(*titles: str) -> "Table":
    """A table with these columns, for what comes."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in titles:
        table.add_column(title, overflow="fold")
    return table


def _word(name: str) -> str:
    return str(Words(f"terminal.{name}"))


def _advice(result: Result, *, calls: bool) -> Iterator[tuple[str, str]]:
    case = result.case
    yield f"{MARKS[result.verdict]} {case.id}", str(case.title)
    yield _word("found"), str(result.reason)
    for exchange in result.exchanges[-1:] if not calls else result.exchanges:
        call = called(exchange)
        yield _word("sent"), f"{call['sent']['method']} {_parameters(call['sent'])}"
        for piece in call["sent"]["signature"] if calls else ():
            yield "", piece
        got = call["received"]
        yield _word("got"), got.get("none") or f"HTTP {got['status']} {got['body']}"
    yield _word("why"), f"{case.why} ({case.source})"
    if case.says.chinese or case.says.english:
        yield _word("console"), case.says.chinese or case.says.english
    yield _word("do"), str(case.advice)


def _parameters(sent: dict[str, object]) -> str:
    fields = sent["parameters"]
    pairs = " ".join(f"{name}={value}" for name, value in fields.items()) if isinstance(fields, dict) else ""
    return f"{pairs} {sent['body']}".strip()


def _line(label: str, text: str, verdict: CaseVerdict) -> "Table":
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1))
    heading = label[:1] in MARKS.values()
    grid.add_column(width=None if heading else 9, no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(Text(label, style=_STYLES[verdict] if heading else "dim"), Text(text))
    return grid
