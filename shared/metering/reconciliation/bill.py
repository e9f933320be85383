"""A bill exported from the seller console, perhaps saved again by a spreadsheet.

Its columns are not documented, so they can be named; names that are likely are found without. Times without a zone are
in the console's (Beijing time, unless told otherwise).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import TypeVar

from shared.errors import InvalidParameter
from shared.metering.reconciliation.cells import ends, moment, number, zone_of
from shared.metering.reconciliation.spreadsheet import Sheet, SheetRow

T = TypeVar("T")

_SPAN = ("period", "timerange", "usageperiod", "时间段", "使用时间段", "使用时间", "计量时间", "消费时间", "计费时间")
"""One column with begin and end."""
LIKELY: Mapping[str, Sequence[str]] = {
    "instance": ("instanceid", "instance", "resourceid", "实例id", "实例", "资源id"),
    "begin": (
        "begintime",
        "begin",
        "starttime",
        "meteringstarttime",
        "开始时间",
        "计量开始时间",
        "使用开始时间",
        *_SPAN,
    ),
    "end": ("endtime", "end", "meteringendtime", "结束时间", "计量结束时间", "使用结束时间", *_SPAN),
    "value": ("usagevalue", "usage", "value", "quantity", "使用量", "用量", "计量值"),
}
"""Names of columns, without case, blanks and ``_``, and what stands in brackets."""
_TOTAL = re.compile(r"(?:合计|总计|小计|累计).*|(?:(?:sub|grand)?total|sum)[:：]?")
HEADER_WITHIN = 20
"""Rows in which the names of the columns are looked for: titles may stand above them."""
MOST_PROBLEMS = 10


@dataclass(frozen=True, slots=True)
class BillLine:
    """One record as the marketplace billed it."""

    instance_id: str
    begin: datetime
    end: datetime
    value: Decimal


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where the four parts stand, below which row; ``zone`` is that of the times which tell none."""

    header: SheetRow
    places: Mapping[str, int]
    zone: tzinfo


def read_bill(sheets: Iterable[Sheet], named: Mapping[str, str], zone: tzinfo) -> list[BillLine]:
    """The lines of a bill; ``named`` maps ``instance``, ``begin``, ``end``, ``value`` to columns that are not found.

    Empty rows, sums and repeated headers are left out. A file without anything in it has no lines.

    :raises InvalidParameter: a column is not found, or a row cannot be read; each is named by its line.
    """
    tried = []
    for sheet in sheets:
        tried.append(sheet)
        for header in sheet.rows[:HEADER_WITHIN]:
            columns = places(header.cells, named)
            if len(columns) == len(LIKELY):
                zone = zone_of(header.cells[columns["begin"]])[1] or zone
                if sheet.broken_at is not None:
                    raise InvalidParameter(
                        f"after line {sheet.broken_at} of the bill a quotation mark stands alone: save it as CSV again"
                    )
                return _lines(sheet, _Columns(header, columns, zone))
    told = max((row for sheet in tried for row in sheet.rows[:1]), key=lambda row: len(row.cells), default=None)
    if told is None:
        return []  # a month without a line, exported without a header
    raise InvalidParameter(_missing(told, named))


def has_usage(sheet: Sheet, named: Mapping[str, str]) -> bool:
    """Are the columns of usage found in it?"""
    return has_columns(sheet, named, LIKELY)


def has_columns(sheet: Sheet, named: Mapping[str, str], likely: Mapping[str, Sequence[str]]) -> bool:
    """Are all of these found in one of its first rows?"""
    return any(len(places(row.cells, named, likely)) == len(likely) for row in sheet.rows[:HEADER_WITHIN])


def named_columns(told: str, known: Iterable[str]) -> dict[str, str]:
    """``part=column,…``: the column's name by its part.

    :raises InvalidParameter: a part is none of the ``known`` ones.
    """
    named = dict(part.split("=", 1) for part in told.split(",") if "=" in part)
    *most, last = known
    if unknown := named.keys() - {*most, last}:
        raise InvalidParameter(f"--columns knows {', '.join(most)} and {last}, not {', '.join(sorted(unknown))}")
    return named


def places(
    header: Sequence[str], named: Mapping[str, str], likely: Mapping[str, Sequence[str]] = LIKELY
) -> dict[str, int]:
    """Where the columns stand that are found, by part: by the name in ``named``, else by a ``likely`` one."""
    there = {_name(cell): place for place, cell in reversed(list(enumerate(header))) if cell}
    found = {}
    for part, names in likely.items():
        wanted = (_name(named[part]),) if part in named else names
        place = next((there[name] for name in wanted if name in there), None)
        if place is not None:
            found[part] = place
    return found


def _lines(sheet: Sheet, columns: _Columns) -> list[BillLine]:
    lines, problems = [], []
    for row in sheet.rows:
        if row.line <= columns.header.line or row.cells == columns.header.cells:
            continue
        cells = {part: row.cells[place] if place < len(row.cells) else "" for part, place in columns.places.items()}
        if _is_sum(row, cells):
            continue
        try:
            lines.append(_line(cells, columns, comma=sheet.comma))
        except ValueError as error:
            problems.append(f"line {row.line} of the bill: {error}")
    if problems:
        more = [f"and {len(problems) - MOST_PROBLEMS} more"] if len(problems) > MOST_PROBLEMS else []
        raise InvalidParameter("\n".join([*problems[:MOST_PROBLEMS], *more]))
    return lines


def _line(cells: Mapping[str, str], columns: _Columns, *, comma: bool) -> BillLine:
    """
    :raises ValueError: naming the part that cannot be read.
    """
    begin, end, zone = cells["begin"], cells["end"], columns.zone
    if columns.places["begin"] == columns.places["end"]:
        both, own = zone_of(begin)
        (begin, end), zone = ends(both), own or zone
    if not cells["instance"]:
        raise ValueError("instance is missing")
    return BillLine(
        cells["instance"],
        _read("begin", begin, lambda text: moment(text, zone)),
        _read("end", end, lambda text: moment(text, zone)),
        _read("value", cells["value"], lambda text: number(text, comma=comma)),
    )


def _read(part: str, text: str, read: Callable[[str], T]) -> T:
    try:
        return read(text)
    except ValueError as error:
        raise ValueError(f"{part} cannot be read, {error}" if text else f"{part} is missing") from None


def _is_sum(row: SheetRow, cells: Mapping[str, str]) -> bool:
    """A row that lacks something and says that it is a sum, or has neither an instance nor times."""
    labelled = any(_TOTAL.fullmatch(_name(cell)) for cell in row.cells)
    nobody = not (cells["instance"] or cells["begin"] or cells["end"])
    return nobody or (labelled and not all(cells.values()))


def _missing(told: SheetRow, named: Mapping[str, str]) -> str:
    part = next(part for part in LIKELY if part not in places(told.cells, named))
    return f"which column of the bill is {part}? It has: {', '.join(told.cells)}"


def _name(cell: str) -> str:
    """A column's name, without what may be written differently."""
    bare = re.sub(r"[(（].*?[)）]", "", zone_of(cell)[0])
    return re.sub(r"[\s_]", "", bare).lower()
