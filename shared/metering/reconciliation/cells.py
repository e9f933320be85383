"""Cells, pure: what a spreadsheet has made of a text, a moment or a number, read back.

What could be meant in two ways is not read at all: the error says how to write it.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal, InvalidOperation

NO_MOMENT = "write it as text, like 2026-11-02 08:00:00"
NO_NUMBER = "write it like 1234.5"
TWO_WAYS = "it could be a thousand times as much: write it without separators, like 1234.5"

_BLANK = " \t\r\n\u00a0\u3000\ufeff"
_MARKED = re.compile(r'="(?P<formula>.*)"|\'(?P<text>.*)', re.DOTALL)
"""How spreadsheets mark a cell as text: ``="00123"``, or an apostrophe before it."""
_ZONE = re.compile(
    r"[(（]?(?:(?:GMT|UTC)(?:\s*([+-]\d{1,2})(?::?(\d\d))?)?|(北京时间)|(?<=:\d\d)\s*([+-]\d\d):?(\d\d)?$|Z$)[)）]?",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)(?:\d{3})?)?", re.ASCII)
_WRITTEN = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[T\s]*(上午|下午)?\s*(\d{1,2})[:时点](\d{1,2})分?(?::?(\d{1,2})秒?(?:\.\d+)?)?\s*(AM|PM)?)?",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"[2-7]\d{4}(?:\.\d+)?", re.ASCII)
"""A moment whose cell has lost its format: days since ``_EPOCH``, for the years 1954 to 2118."""
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a cell has no zone
_RANGE = re.compile(r"\s*(?:~|～|至|到|[—–]+|\s-+\s|\sto\s|(?<=:\d\d)-(?=\d))\s*")
_POINT = re.compile(r"[+-]?(?:\d{1,3}(?:[, ]\d{3})+|\d*)(?:\.\d*)?(?:E[+-]?\d{1,2})?", re.ASCII | re.IGNORECASE)
_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:[. ]\d{3})+|\d*)(?:,\d*)?", re.ASCII)
_MOST_DIGITS = 15


def plain(cell: str) -> str:
    """The text of a cell, without blanks around it and without a spreadsheet's mark."""
    text = cell.strip(_BLANK)
    marked = _MARKED.fullmatch(text)
    return (marked["formula"] or marked["text"] or "").strip(_BLANK) if marked else text


def zone_of(text: str) -> tuple[str, tzinfo | None]:
    """``text`` without the zone in it (``GMT+08:00``, ``UTC``, ``+0800``, ``Z``, 北京时间), and that zone."""
    found = _ZONE.search(text)
    if found is None:
        return text, None
    hours = int(found[1] or found[4] or (8 if found[3] else 0))
    minutes = int(found[2] or found[5] or 0) * (-1 if hours < 0 else 1)
    return _ZONE.sub("", text).strip(_BLANK), timezone(timedelta(hours=hours, minutes=minutes))


def moment(text: str, zone: tzinfo) -> datetime:
    """The moment in UTC; ``zone`` is that of a text that tells none.

    :raises ValueError: it is none, or day and month could be exchanged.
    """
    try:
        bare, own = zone_of(text)
        return _moment(bare).replace(tzinfo=own or zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(NO_MOMENT) from None


def ends(text: str) -> tuple[str, str]:
    """Begin and end of a stretch of time in one cell (``2026-11-02 08:00 ~ 09:00``); of no stretch, twice the same."""
    begin, *rest = _RANGE.split(text)
    end = rest[-1] if rest else begin
    day = begin.split(" ")[0].split("T")[0]
    return begin, end if re.match(r"\d{4}", end) else f"{day} {end}"


def number(text: str, *, comma: bool = False) -> Decimal:
    """The number; ``comma``: a comma may stand for the decimal point, as where files have semicolons.

    :raises ValueError: it is none, or too large, or ``1.500`` and ``1,500`` could be the same.
    """
    readings = {_number(text, _POINT, ",", "."), _number(text, _COMMA, ".", ",") if comma else None} - {None}
    if len(readings) > 1:
        raise ValueError(TWO_WAYS)
    for reading in readings:
        if reading is not None:
            return reading
    raise ValueError(NO_NUMBER)


def _moment(text: str) -> datetime:
    if _SERIAL.fullmatch(text):
        return _EPOCH + timedelta(seconds=round(float(text) * 86400))
    if compact := _COMPACT.fullmatch(text):
        year, month, day, hour, minute, second = (int(part or 0) for part in compact.groups())
        half = ""
    elif written := _WRITTEN.fullmatch(text):
        year, month, day, hour, minute, second = (int(written[part] or 0) for part in (1, 2, 3, 5, 6, 7))
        half = (written[4] or written[8] or "").upper()
    else:
        raise ValueError(NO_MOMENT)
    if half:
        hour = hour % 12 + (12 if half in ("下午", "PM") else 0)
    if (hour, minute, second) == (24, 0, 0):
        return datetime(year, month, day) + timedelta(days=1)  # noqa: DTZ001 - the zone comes later
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the zone comes later


def _number(text: str, form: re.Pattern[str], group: str, point: str) -> Decimal | None:
    if not form.fullmatch(text):
        return None
    try:
        found = Decimal(text.replace(" ", "").replace(group, "").replace(point, "."))
    except InvalidOperation:
        return None
    return found if found.adjusted() < _MOST_DIGITS else None
