"""``koogallery usage import FILE.csv``: usage from a file, with a dry run and a progress bar."""

import csv
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from shared.metering.event_rules import Reason
from shared.metering.progress import progress
from shared.metering.reconciliation.csv_import import MEMBERS, CsvRow, Summary, import_rows, read_rows
from shared.metering.terminal import padded, width

if TYPE_CHECKING:
    from shared.app import App


WORDS = {name: name for name in ("accepted", "duplicates", "rejected")} | {"dry-run": "dry run: nothing was stored"}


def run(
    app: "App", path: Path, *, store: bool, rejected: Path | None, words: Mapping[str, str] = MappingProxyType(WORDS)
) -> int:
    """Import a file; 1 if anything was rejected, else 0.

    :param store: if not, it is only said what would happen.
    :param rejected: the file for the rows that are rejected.
    :param words: those of the table, in another language.

    :raises shared.errors.InvalidParameter: the file cannot be read.
    :raises shared.errors.Unavailable: the store failed.
    """
    summary = Summary()
    size = path.stat().st_size
    with path.open("rb") as file, _rejections(rejected) as reject, progress("import", size) as advance:
        text = TextIOWrapper(file, "utf-8-sig", newline="")
        try:
            import_rows(
                app,
                read_rows(text),
                summary,
                store=store,
                on_rejected=reject,
                on_progress=lambda: advance(file.tell()),
            )
        finally:
            # Also after an error: what was taken in before it stays taken in.
            sys.stdout.write(_table(summary, words, dry_run=not store))
    return 1 if summary.rejected else 0


@contextmanager
def _rejections(path: Path | None) -> Iterator[Callable[[CsvRow, Reason], None]]:
    """Writes rejected rows, with their line and the reason, to a file that can be corrected and imported in turn."""
    if path is None:
        yield lambda row, reason: None  # noqa: ARG005 - the summary counts them
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*MEMBERS, "reason", "line"])
        yield lambda row, reason: _write(writer.writerow, row, reason)


def _write(write: Callable[[list[str]], object], row: CsvRow, reason: Reason) -> None:
    write([*(row.cells.get(column, "") for column in MEMBERS), reason.value, str(row.line)])


def _table(summary: Summary, words: Mapping[str, str], *, dry_run: bool) -> str:
    rows = [
        (words["accepted"], summary.accepted),
        (words["duplicates"], summary.duplicates),
        (words["rejected"], summary.rejected.total()),
        *((f"  {reason.value}", count) for reason, count in sorted(summary.rejected.items())),
    ]
    wide = max(width(name) for name, _ in rows)
    lines = [f"{padded(name, wide)} {count:>11,}\n" for name, count in rows]
    return "".join([*lines, f"{words['dry-run']}\n" if dry_run else ""])
