"""The recorded calls in both directions, in the order in which they ended, on disk."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from emulator.marketplace.delivery.call import RecordedCall
from emulator.marketplace.storage.call_filter import EVERYTHING, Filter
from emulator.marketplace.storage.call_lines import COLUMNS, CallsFound, TimelineLine, read_line
from emulator.marketplace.storage.database import Database
from emulator.marketplace.storage.kept_text import kept

KEPT = 100_000
"""Calls kept; older ones go."""
LOOKED_AT = 2000
"""Calls looked into at once, however few of them are found."""
_SWEPT_EVERY = 1000
_CHUNK = 200

_TABLES = """
CREATE TABLE IF NOT EXISTS call (
  number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, direction TEXT NOT NULL, family TEXT NOT NULL,
  activity TEXT NOT NULL, version TEXT NOT NULL, order_id TEXT NOT NULL, instance_id TEXT NOT NULL,
  occasion TEXT NOT NULL, fault TEXT NOT NULL, status INTEGER NOT NULL, code TEXT NOT NULL,
  milliseconds REAL NOT NULL, verdict TEXT NOT NULL, problem TEXT NOT NULL, body BLOB NOT NULL,
  source TEXT NOT NULL DEFAULT '', request_id TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS call_of_instance ON call (instance_id, number);
CREATE INDEX IF NOT EXISTS call_of_order ON call (order_id, number);
"""
_LISTED = """
DROP INDEX IF EXISTS call_of_verdict;
CREATE INDEX IF NOT EXISTS call_listed ON call (
  number, at, direction, family, activity, verdict, code, source, milliseconds);
"""
_OWN = (
    *("direction", "family", "activity", "version", "order_id", "instance_id"),
    *("fault", "code", "verdict", "source", "request_id"),
)
"""Columns that hold what a call has under that name."""
_LATER = ("source", "request_id")
"""Columns that older files do not have."""


class Timeline:
    """The calls in ``database``. ``on_call`` is told each one; it must not raise."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.on_call: Callable[[RecordedCall], None] = lambda _call: None
        with database.lock:
            database.connection.executescript(_TABLES)
            known = {row[1] for row in database.connection.execute("PRAGMA table_info(call)")}
            for name in _LATER:
                if name not in known:
                    database.connection.execute(f"ALTER TABLE call ADD COLUMN {name} TEXT NOT NULL DEFAULT ''")
            database.connection.executescript(_LISTED)

    def add(self, call: RecordedCall) -> RecordedCall:
        """Keep a call; it comes back with its number."""
        row = {name: getattr(call, name) for name in _OWN} | {
            "at": call.at.isoformat(timespec="milliseconds"),
            "occasion": kept(call.occasion),
            "status": call.received.status,
            "milliseconds": call.received.milliseconds,
            "problem": kept(call.problem),
            "body": zlib.compress(call.model_dump_json().encode(), 1),
        }
        statement = f"INSERT INTO call ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"  # noqa: S608
        with self._database.changing():
            cursor = self._database.connection.execute(statement, [*row.values()])
            number = int(cursor.lastrowid or 0)
            if number % _SWEPT_EVERY == 0:
                self._database.connection.execute("DELETE FROM call WHERE number <= ?", (number - KEPT,))
        numbered = call.model_copy(update={"number": number})
        self.on_call(numbered)
        return numbered

    def get(self, number: int) -> RecordedCall | None:
        """The call with that number, or ``None``."""
        found = self._database.rows("SELECT body FROM call WHERE number = ?", number)
        calls = (RecordedCall.model_validate_json(zlib.decompress(body)) for (body,) in found)
        return next((call.model_copy(update={"number": number}) for call in calls), None)

    def lines(
        self, chosen: Filter = EVERYTHING, *, before: int | None = None, after: int | None = None, limit: int = 50
    ) -> Sequence[TimelineLine]:
        """Newest first: at most ``limit`` older than number ``before``, or newer than ``after``."""
        return self.page(chosen, before=before, after=after, limit=limit).lines

    def page(
        self, chosen: Filter = EVERYTHING, *, before: int | None = None, after: int | None = None, limit: int = 50
    ) -> CallsFound:
        """Like :meth:`lines`, and where to go on. What stands in no column is looked for in :data:`LOOKED_AT` calls."""
        if not chosen.searches:
            lines = self._those(*chosen.numbers(before, after, limit + 1))
            return CallsFound(lines[:limit], lines[limit - 1].number if len(lines) > limit else None)
        found, looked_at, last = list[int](), 0, 0
        for number, body in self._bodies(chosen, before, after):
            if len(found) == limit or looked_at == LOOKED_AT:
                return CallsFound(self.numbered(found), last, looked_at)
            looked_at, last = looked_at + 1, number
            if chosen.matches(body):
                found.append(number)
        return CallsFound(self.numbered(found), None, looked_at)

    def numbered(self, numbers: Sequence[int]) -> Sequence[TimelineLine]:
        """The calls with these numbers that are still there, newest first."""
        return self._those(", ".join("?" * len(numbers)), numbers)

    def following(self, chosen: Filter, number: int) -> TimelineLine | None:
        """The first call after ``number``."""
        within, values = chosen.numbers(None, number, KEPT)
        found = self._those(f"SELECT min(number) FROM ({within})", values)  # noqa: S608
        return found[0] if found else None

    def _those(self, numbers: str, values: Sequence[Any]) -> Sequence[TimelineLine]:
        statement = f"SELECT {COLUMNS} FROM call WHERE number IN ({numbers}) ORDER BY number DESC"  # noqa: S608
        return [read_line(row) for row in self._database.rows(statement, *values)]

    def _bodies(self, chosen: Filter, before: int | None, after: int | None) -> Iterator[tuple[int, bytes]]:
        """What the columns let through, newest first, read a few at a time."""
        while True:
            within, values = chosen.numbers(before, after, _CHUNK)
            statement = f"SELECT number, body FROM call WHERE number IN ({within}) ORDER BY number DESC"  # noqa: S608
            rows = self._database.rows(f"{statement} LIMIT ?", *values, _CHUNK)
            yield from ((number, body) for number, body in rows)
            if len(rows) < _CHUNK:
                return
            before = rows[-1][0]

    def latest(self) -> int:
        """The number of the newest call, 0 before the first."""
        return int(self._database.rows("SELECT coalesce(max(number), 0) FROM call")[0][0])

    def count(self, chosen: Filter = EVERYTHING) -> int:
        """How many there are, by the columns alone."""
        within, values = chosen.numbers(None, None, KEPT)
        return int(self._database.rows(f"SELECT count(*) FROM ({within})", *values)[0][0])  # noqa: S608
