"""The recorded calls in both directions, in the order in which they ended, on disk."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from emulator.marketplace.delivery.call import RecordedCall
from emulator.marketplace.storage.database import Database
from emulator.marketplace.storage.kept_text import kept, read
from emulator.texts import Text

KEPT = 100_000
"""Calls kept; older ones go."""
_SWEPT_EVERY = 1000

_TABLES = """
CREATE TABLE IF NOT EXISTS call (
  number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, direction TEXT NOT NULL, family TEXT NOT NULL,
  activity TEXT NOT NULL, version TEXT NOT NULL, order_id TEXT NOT NULL, instance_id TEXT NOT NULL,
  occasion TEXT NOT NULL, fault TEXT NOT NULL, status INTEGER NOT NULL, code TEXT NOT NULL,
  milliseconds REAL NOT NULL, verdict TEXT NOT NULL, problem TEXT NOT NULL, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS call_of_instance ON call (instance_id, number);
CREATE INDEX IF NOT EXISTS call_of_order ON call (order_id, number);
CREATE INDEX IF NOT EXISTS call_of_verdict ON call (verdict, number);
"""


class TimelineLine(NamedTuple):
    """A call in a list; ``at`` is ISO 8601 in UTC. ``problem``: the first failed check, or why there is no answer."""

    number: int
    at: str
    direction: str
    family: str
    activity: str
    version: str
    order_id: str
    instance_id: str
    occasion: Text | None
    fault: str
    status: int
    code: str
    milliseconds: float
    verdict: str
    problem: Text | None

    @property
    def reason(self) -> Text | None:
        """``problem`` without the title of the check, for where there is little room."""
        why = self.problem.parameters.get("why") if self.problem else None
        return why if isinstance(why, Text) else self.problem


_COLUMNS = ", ".join(TimelineLine._fields)
_OCCASION, _PROBLEM = TimelineLine._fields.index("occasion"), TimelineLine._fields.index("problem")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which calls to list; empty members let everything through. ``about`` is an order id or an instance id."""

    direction: str = ""
    family: str = ""
    activity: str = ""
    verdict: str = ""
    about: str = ""

    def conditions(self) -> tuple[list[str], list[Any]]:
        """As SQL, with its values."""
        given = {name: value for name, value in asdict(self).items() if value and name != "about"}
        conditions, values = [f"{name} = ?" for name in given], list(given.values())
        if self.about:
            conditions.append("(order_id = ? OR instance_id = ?)")
            values += [self.about, self.about]
        return conditions, values


class Timeline:
    """The calls in ``database``. ``on_call`` is told each one; it must not raise."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.on_call: Callable[[RecordedCall], None] = lambda _call: None
        with database.lock:
            database.connection.executescript(_TABLES)

    def add(self, call: RecordedCall) -> RecordedCall:
        """Keep a call; it comes back with its number."""
        row = (
            call.at.isoformat(timespec="milliseconds"),
            call.direction,
            call.family,
            call.activity,
            call.version,
            call.order_id,
            call.instance_id,
            kept(call.occasion),
            call.fault,
            call.received.status,
            call.code,
            call.received.milliseconds,
            call.verdict,
            kept(call.problem),
            zlib.compress(call.model_dump_json().encode(), 1),
        )
        names, places = f"{_COLUMNS.removeprefix('number, ')}, body", ", ".join("?" * len(row))
        with self._database.changing():
            cursor = self._database.connection.execute(f"INSERT INTO call ({names}) VALUES ({places})", row)  # noqa: S608
            number = int(cursor.lastrowid or 0)
            if number % _SWEPT_EVERY == 0:
                self._database.connection.execute("DELETE FROM call WHERE number <= ?", (number - KEPT,))
        numbered = call.model_copy(update={"number": number})
        self.on_call(numbered)
        return numbered

    def get(self, number: int) -> RecordedCall | None:
        """The call with that number, or ``None``."""
        with self._database.lock:
            row = self._database.connection.execute("SELECT body FROM call WHERE number = ?", (number,)).fetchone()
        return (
            RecordedCall.model_validate_json(zlib.decompress(row[0])).model_copy(update={"number": number})
            if row
            else None
        )

    def lines(
        self, chosen: Filter = Filter(), *, before: int | None = None, after: int | None = None, limit: int = 50
    ) -> Sequence[TimelineLine]:
        """Newest first: at most ``limit`` older than number ``before``, or newer than ``after``."""
        conditions, values = chosen.conditions()
        for sign, bound in (("<", before), (">", after)):
            if bound is not None:
                conditions.append(f"number {sign} ?")
                values.append(bound)
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        statement = f"SELECT {_COLUMNS} FROM call {where} ORDER BY number DESC LIMIT ?"  # noqa: S608 - no values in it
        with self._database.lock:
            rows = self._database.connection.execute(statement, [*values, limit]).fetchall()
        return [_line(row) for row in rows]

    def latest(self) -> int:
        """The number of the newest call, 0 before the first."""
        with self._database.lock:
            return int(self._database.connection.execute("SELECT coalesce(max(number), 0) FROM call").fetchone()[0])

    def count(self, chosen: Filter = Filter()) -> int:
        conditions, values = chosen.conditions()
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        with self._database.lock:
            row = self._database.connection.execute(f"SELECT count(*) FROM call {where}", values).fetchone()  # noqa: S608
        return int(row[0])


def _line(row: Sequence[Any]) -> TimelineLine:
    stored = TimelineLine(*row)
    return stored._replace(occasion=read(row[_OCCASION]), problem=read(row[_PROBLEM]))
