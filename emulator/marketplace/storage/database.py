"""The marketplace's file: its values as JSON documents, its counters and its settings, in one SQLite database."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict

from emulator.platforms.shared_connection import SharedConnection
from shared.store.sqlite.file import keep_private

_TABLES = """
CREATE TABLE IF NOT EXISTS document (
  number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, owner TEXT NOT NULL,
  body TEXT NOT NULL, UNIQUE (kind, id));
CREATE INDEX IF NOT EXISTS document_of ON document (kind, owner, number);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


class Document(BaseModel):
    """A value that is kept. ``owner`` is the id of what it belongs to, for lists."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    owned_by: ClassVar[str] = ""
    """The member that is its owner's id; empty if nobody owns it."""
    id: str

    @property
    def owner(self) -> str:
        return str(getattr(self, self.owned_by)) if self.owned_by else ""


D = TypeVar("D", bound=Document)


class Database(SharedConnection):
    """One file, or memory without ``path``. Thread-safe; survives the end of the process at any point.

    ``connection`` is shared with the parts that keep tables of their own, under ``lock``.
    """

    def __init__(self, path: Path | None = None) -> None:
        if path:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            keep_private(path)
        super().__init__(sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None))
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=NORMAL")
        self.connection.executescript(_TABLES)

    def close(self) -> None:
        """Write what is in memory; nothing works afterwards."""
        with self.lock:
            self.connection.close()

    def put(self, *documents: Document) -> None:
        """Keep each, over an earlier one of its kind and id, whose place in lists it takes."""
        rows = [(_kind(type(each)), each.id, each.owner, each.model_dump_json()) for each in documents]
        with self.changing():
            self.connection.executemany(
                "INSERT INTO document (kind, id, owner, body) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (kind, id) DO UPDATE SET owner = excluded.owner, body = excluded.body",
                rows,
            )

    def drop(self, kind: type[Document], document_id: str) -> None:
        """Forget a document, if there is such a one."""
        self.change("DELETE FROM document WHERE kind = ? AND id = ?", _kind(kind), document_id)

    def get(self, kind: type[D], document_id: str) -> D | None:
        """The document of that kind and id, or ``None``."""
        found = self.rows("SELECT body FROM document WHERE kind = ? AND id = ?", _kind(kind), document_id)
        return kind.model_validate_json(found[0][0]) if found else None

    def the(self, kind: type[D], document_id: str) -> D:
        """Like ``get``, for one that must be there.

        :raises KeyError: it is not.
        """
        found = self.get(kind, document_id)
        if found is None:
            raise KeyError(f"no {_kind(kind)} {document_id}")
        return found

    def all(self, kind: type[D], owner: str | None = None, *, newest: int | None = None) -> Sequence[D]:
        """Those of a kind, of one owner if given, oldest first; with ``newest`` only so many, newest first."""
        where, values = _of(owner)
        order, limit = ("DESC LIMIT ?", [newest]) if newest is not None else ("", [])
        statement = f"SELECT body FROM document WHERE kind = ? {where} ORDER BY number {order}"  # noqa: S608 - no values
        return [kind.model_validate_json(body) for (body,) in self.rows(statement, _kind(kind), *values, *limit)]

    def count(self, kind: type[Document], owner: str | None = None) -> int:
        """How many there are of a kind, of one owner if given."""
        where, values = _of(owner)
        statement = f"SELECT count(*) FROM document WHERE kind = ? {where}"  # noqa: S608 - no values in it
        return int(self.rows(statement, _kind(kind), *values)[0][0])

    def owners(self, kind: type[Document]) -> set[str]:
        """Who has any of a kind."""
        return {str(owner) for (owner,) in self.rows("SELECT DISTINCT owner FROM document WHERE kind = ?", _kind(kind))}

    def next_number(self, counter: str) -> int:
        """1, then 2 and so on, also across processes that follow one another."""
        with self.changing():
            self.connection.execute(
                "INSERT INTO counter VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1", (counter,)
            )
            return int(self.rows("SELECT value FROM counter WHERE name = ?", counter)[0][0])

    def setting(self, name: str, default: str = "") -> str:
        found = self.rows("SELECT value FROM setting WHERE name = ?", name)
        return str(found[0][0]) if found else default

    def set(self, name: str, value: str) -> None:
        self.change("INSERT OR REPLACE INTO setting VALUES (?, ?)", name, value)


def _of(owner: str | None) -> tuple[str, list[str]]:
    return ("", []) if owner is None else ("AND owner = ?", [owner])


def _kind(kind: type[Document]) -> str:
    return kind.__name__.lower()
