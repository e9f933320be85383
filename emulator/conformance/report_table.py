"""The report for the terminal."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from emulator.conformance.case import CallCase, Case, CaseVerdict, Result
from emulator.conformance.causes import Cause
from emulator.conformance.report import Report, called
from emulator.terminal import console, print_table, table
from emulator.texts import Text as Words
from emulator.wire.signature.doctor.mends import MEND_LANGUAGES, mend

if TYPE_CHECKING:
    from rich.table import Table

MARKS = {CaseVerdict.PASSED: "✓", CaseVerdict.FAILED: "✗", CaseVerdict.WARNING: "!", CaseVerdict.SKIPPED: "-"}
_STYLES = {
    CaseVerdict.PASSED: "green",
    CaseVerdict.FAILED: "bold red",
    CaseVerdict.WARNING: "yellow",
    CaseVerdict.SKIPPED: "dim",
}


def show(report: Report, *, calls: bool = False, language: str = "") -> None:
    """Print every case, then what is to be mended; ``calls``: with how each call was signed; ``language``: in which to
    show the code for signatures, of :data:`emulator.wire.signature.doctor.mends.MEND_LANGUAGES`.
    """
    out = console()
    out.print(_table(report.results))
    mended = report.causes
    if mended:
        failed = sum(cause.verdict is CaseVerdict.FAILED for cause in mended)
        out.print(f"\n{Words('causes.title', n=failed)}", style="bold")
    for number, cause in enumerate(mended, 1):
        out.print()
        for label, text in _told(number, cause, calls=calls, language=language):
            out.print(_line(label, text, cause.verdict))
    out.print()
    for text in report.unproven:
        out.print(_line(_word("unproven"), text, CaseVerdict.SKIPPED))
    what = Words("terminal.check", url=report.url, summary=report.summary)
    took = Words("terminal.took", what=what, seconds=f"{report.seconds:.1f}")
    out.print(f"\n{took}", style="bold green" if report.passed else "bold red", markup=False)


def show_list(cases: Iterable[Case]) -> None:
    """Print the cases there are."""
    print_table(map(_word, ("id", "title", "kind")), ((case.id, case.title, _kind(case)) for case in cases))


def _kind(case: Case) -> str:
    if isinstance(case, CallCase) and (case.real or case.sync):
        return _word("real") if case.real else "--sync"
    return _word("advice") if case.advised else ""


def _table(results: Sequence[Result]) -> "Table":
    found = table(["", *map(_word, ("id", "title", "ms", "wrong"))], map(_row, results))
    found.columns[3].justify = "right"
    return found


def _row(result: Result) -> Sequence[object]:
    from rich.text import Text

    time = f"{result.milliseconds:.0f}" if isinstance(result.case, CallCase) and result.exchanges else ""
    mark = Text(MARKS[result.verdict], style=_STYLES[result.verdict])
    return mark, result.case.id, result.case.title, time, result.reason


def _word(name: str) -> str:
    return str(Words(f"terminal.{name}"))


def _told(number: int, cause: Cause, *, calls: bool, language: str) -> Iterator[tuple[str, str]]:
    result = cause.results[0]
    yield f"{MARKS[cause.verdict]} {number}", str(cause.title)
    yield from ((_word("do"), str(each)) for each in cause.advice)
    yield from _mend(cause, language)
    yield _word("found"), str(result.reason)
    if cause.exchange:
        call = called(cause.exchange)
        yield _word("sent"), f"{call['sent']['method']} {_parameters(call['sent'])}"
        for piece in call["sent"]["signature"] if calls else ():
            yield "", piece
        got = call["received"]
        yield _word("got"), got.get("none") or f"HTTP {got['status']} {got['body']}"
    yield _word("why"), f"{result.case.why} ({result.case.source})"
    says = result.case.says
    if says.chinese or says.english:
        yield _word("console"), says.chinese or says.english
    yield _word("cases"), ", ".join(each.case.id for each in cause.results)
    yield _word("again"), f"koogallery check {cause.again} URL"


def _mend(cause: Cause, language: str) -> Iterator[tuple[str, str]]:
    """Right code, the lines that matter marked."""
    if not cause.rule:
        return
    if not language:
        yield _word("mend"), str(Words("causes.mends"))
        return
    aspects = cause.diagnosis.aspects if cause.diagnosis else ()
    yield _word("mend"), MEND_LANGUAGES[language]
    for line in mend(cause.rule, language):
        yield "", f"{'>' if line.meant(aspects) else ' '} {line.code.replace(chr(9), '    ')}"


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
