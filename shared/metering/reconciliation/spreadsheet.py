"""Files of a spreadsheet, pure: rows of cells, whatever separates them and however their characters are written.

A file tells neither its encoding nor its separator, so there are several readings of it, the likeliest first; who looks
for columns takes the one that has them.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zipfile import is_zipfile

from shared.errors import InvalidParameter
from shared.metering.reconciliation.cells import plain

SEPARATORS = ",;\t|"
ENCODINGS = ("utf-8-sig", "gb18030")
"""Tried one after the other."""
_HINT = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
"""The first line with which a spreadsheet may be told the separator."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """The file's line a row ends in (from 1), and its cells."""

    line: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows that are not empty. ``comma``: a comma may be the decimal point. ``broken_at``: the line after which nothing
    can be read.
    """

    rows: Sequence[SheetRow]
    comma: bool = False
    broken_at: int | None = None


def sheets(data: bytes, encoding: str | None = None) -> Iterator[Sheet]:
    """The readings of a file; ``encoding`` is looked for if it is not told.

    :raises InvalidParameter: it is a workbook, or cannot be decoded.
    """
    if is_zipfile(io.BytesIO(data)) or data.startswith(b"\xd0\xcf\x11\xe0"):
        raise InvalidParameter("the bill is a workbook: save it as CSV (UTF-8)")
    return text_sheets(_decoded(data, encoding))


def text_sheets(text: str) -> Iterator[Sheet]:
    """The readings of a text."""
    hint = _HINT.match(text)
    for separator in hint[1] if hint else SEPARATORS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        rows: list[SheetRow] = []
        broken_at = None
        try:
            rows.extend(SheetRow(reader.line_num, [plain(cell) for cell in cells]) for cells in reader)
        except csv.Error:
            broken_at = rows[-1].line if rows else 0
        yield Sheet([row for row in rows if any(row.cells)], separator == ";", broken_at)


def _decoded(data: bytes, encoding: str | None) -> str:
    if encoding is None and data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"  # what a spreadsheet calls Unicode text
    for name in (encoding,) if encoding else ENCODINGS:
        try:
            return data.decode(name).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
        except LookupError:
            raise InvalidParameter("--bill-encoding is not an encoding Python knows") from None
    raise InvalidParameter("the bill has another encoding than was said, perhaps gbk; save it as CSV (UTF-8)")
