"""A bill exported from the seller console, as CSV.

Its columns are not documented, so they can be named; names that are likely are found without. Times without a zone are
in the console's (Beijing time, unless told otherwise).
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import TextIO

from shared.errors import InvalidParameter

LIKELY: Mapping[str, Sequence[str]] = {
    "instance": ("instanceid", "instance", "resourceid", "实例id", "实例", "资源id"),
    "begin": ("begintime", "begin", "starttime", "meteringstarttime", "开始时间", "计量开始时间", "使用开始时间"),
    "end": ("endtime", "end", "meteringendtime", "结束时间", "计量结束时间", "使用结束时间"),
    "value": ("usagevalue", "usage", "value", "quantity", "使用量", "用量", "计量值"),
}
"""Names of columns, without case, blanks and ``_``."""
COMPACT = "%Y%m%d%H%M%S"


@dataclass(frozen=True, slots=True)
class BillLine:
    """One record as the marketplace billed it."""

    instance_id: str
    begin: datetime
    end: datetime
    value: Decimal


def read_bill(file: TextIO, named: Mapping[str, str], zone: tzinfo) -> Iterator[BillLine]:
    """The lines of a bill; ``named`` maps ``instance``, ``begin``, ``end``, ``value`` to columns that are not found.

    :raises InvalidParameter: a column is not found, or a line cannot be read.
    """
    reader = csv.DictReader(file)
    try:
        columns = _columns(reader.fieldnames or (), named)
        for cells in reader:
            cell = {part: (cells.get(column) or "").strip() for part, column in columns.items()}
            yield BillLine(
                cell["instance"], _time(cell["begin"], zone), _time(cell["end"], zone), _value(cell["value"])
            )
    except UnicodeDecodeError:
        raise InvalidParameter("the bill has another encoding than was said, perhaps gbk") from None
    except (csv.Error, ValueError, InvalidOperation):
        raise InvalidParameter(f"line {reader.line_num} of the bill cannot be read") from None


def _columns(header: Sequence[str], named: Mapping[str, str]) -> dict[str, str]:
    likely = {name.lower().replace(" ", "").replace("_", ""): name for name in reversed(header)}
    found = {}
    for part, names in LIKELY.items():
        column = named.get(part) or next((likely[name] for name in names if name in likely), "")
        if column not in header:
            raise InvalidParameter(f"which column of the bill is {part}? It has: {', '.join(header)}")
        found[part] = column
    return found


def _time(text: str, zone: tzinfo) -> datetime:
    text = text.replace("/", "-")
    compact = len(text) == len("20261120083000") and text.isdigit()
    moment = datetime.strptime(text, COMPACT) if compact else datetime.fromisoformat(text)  # noqa: DTZ007 - next line
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _value(text: str) -> Decimal:
    value = Decimal(text.replace(",", ""))
    if not value.is_finite():
        raise ValueError("not a number")
    return value
