"""The embedded engine: one SQLite file, shared by any number of threads and processes of one machine.

Write-ahead logging lets readers go on beside the one writer; with ``synchronous=FULL`` what was written stays written,
even when the power fails. A write is one statement or one transaction, so a condition and its effect cannot come apart.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from shared.clock import Clock, Deadline
from shared.store.items import checked_key, checked_limit, checked_range, epoch_seconds, table_name
from shared.store.paging import chunks, still_to_read
from shared.store.sqlite import statements as sql
from shared.store.sqlite.file import SqliteFile, Synchronous
from shared.store.sqlite.rows import conditional, first_page, page, parsed, puts
from shared.store.table import NAMES, WHOLE, Exists, Item, Outcome, Page, Stale, Write
from shared.store.writes import NOT_BEGUN, apart, returned, written

_AT_ONCE = 100
"""Keys or partitions in a statement."""


class SqliteTables:
    """All tables in the SQLite file at ``path``. The file and its folder are made at the first use.

    Do not carry an object that was used across a ``fork``: give each process its own.

    :param synchronous: SQLite's setting; anything but ``FULL`` may lose the last writes at a power failure.
    """

    remote = False

    def __init__(self, path: str, clock: Clock, synchronous: Synchronous = "FULL") -> None:
        self._file = SqliteFile(Path(path), synchronous)
        self._clock = clock
        self._tables: dict[str, SqliteTable] = {}

    def table(self, name: str) -> "SqliteTable":
        """The table called ``name``, made in the file at its first use.

        :raises ValueError: if that cannot be a table's name on every engine.
        """
        return self._tables.setdefault(name, SqliteTable(table_name("", name), self._file, self._clock))

    def remove_expired(self, most: int) -> int:
        """Remove at most so many expired items, the longest expired of each table first, in a transaction per table.

        :raises Unavailable: the file cannot be used.
        """
        removed = 0
        for name in NAMES:
            if removed < most:
                removed += self.table(name).remove_expired(most - removed)
        return removed

    def compact(self) -> bool:
        """Write the file anew, without what was removed; others wait for as long.

        :raises Unavailable: the file cannot be used, or somebody reads what it was.
        """
        self._file.compact()
        return True

    def close(self) -> None:
        """Close the idle connections. The object stays usable."""
        self._file.close()


class SqliteTable:
    """A :class:`shared.store.table.Table` in a SQLite file.

    Every method raises :class:`shared.errors.Unavailable` if the file cannot be used, and ``ValueError`` or
    ``TypeError`` for what no engine can store (:mod:`shared.store.items`).
    """

    def __init__(self, name: str, file: SqliteFile, clock: Clock) -> None:
        self._name = name
        self._file = file
        self._clock = clock
        self._made = False

    def get(self, pk: str, sk: str = WHOLE) -> Item | None:
        checked_key(pk, sk)
        with self._made_file().reading() as connection:
            return self._read(connection, pk, sk, epoch_seconds(self._clock))

    def get_many(self, keys: Iterable[tuple[str, str]]) -> list[Item]:
        wanted = sorted({checked_key(*key) for key in keys})
        return parsed(self._texts(sql.GET_THOSE, wanted, epoch_seconds(self._clock)))

    def create(self, item: Item, beside: Sequence[Item] = ()) -> Item:
        return self._written(Write("create", item, beside))

    def replace(self, item: Item, beside: Sequence[Item] = ()) -> Item:
        return self._written(Write("replace", item, beside))

    def delete(self, item: Item) -> None:
        self._written(Write("delete", item))

    def query(
        self,
        pk: str,
        *,
        first: str = "",
        last: str = "\U0010ffff",
        limit: int = 100,
        after: str | None = None,
        reverse: bool = False,
    ) -> Page:
        checked_range(pk, first, last, after)
        values = (pk, *still_to_read(first, last, after, reverse=reverse), checked_limit(limit))
        with self._made_file().reading() as connection:
            rows = self._run(connection, sql.BACKWARD if reverse else sql.FORWARD, values).fetchall()
        return page(rows, limit, epoch_seconds(self._clock))

    def scan(self, *, limit: int = 100, after: str | None = None) -> Page:
        first = tuple(json.loads(after)) if after else ("", "")
        with self._made_file().reading() as connection:
            rows = self._run(connection, sql.SCAN, (*first, checked_limit(limit))).fetchall()
        following = json.dumps(rows[-1][:2]) if len(rows) == limit else None
        return Page(parsed(text for *_, text in rows), following)

    def query_many(self, pks: Sequence[str], *, limit: int = 100) -> list[Page]:
        for pk in pks:
            checked_range(pk)
        texts = self._texts(sql.FIRST_PAGES, [(pk,) for pk in pks], checked_limit(limit))
        now = epoch_seconds(self._clock)
        return [first_page(text, limit, now) for text in texts]

    def write_many(self, writes: Iterable[Write], deadline: Deadline | None = None) -> list[Outcome]:
        prepared = [
            (write, new := written(write), *conditional(write, new), puts(write.beside)) for write in apart(writes)
        ]
        outcomes: list[Outcome] = []
        if not prepared:
            return outcomes
        with self._made_file().writing() as connection:
            now = epoch_seconds(self._clock)
            for write, new, statement, values, beside in prepared:
                if deadline is not None and not deadline.left():
                    outcomes.append(NOT_BEGUN)
                elif self._run(connection, statement, (*values, now)).rowcount:
                    connection.executemany(sql.about(self._name, sql.PUT), beside)
                    outcomes.append(new)
                else:
                    outcomes.append(self._refusal(connection, write, now))
        return outcomes

    def put_many(self, items: Iterable[Item]) -> None:
        self._each(sql.PUT, puts(items))

    def delete_many(self, keys: Iterable[tuple[str, str]]) -> None:
        self._each(sql.REMOVE, sorted(checked_key(*key) for key in keys))

    def remove_expired(self, most: int) -> int:
        """Remove at most so many expired items, found by an index that holds those only that expire one day."""
        with self._made_file().writing() as connection:
            self._run(connection, sql.INDEX, ())
            return self._run(connection, sql.SWEEP, (epoch_seconds(self._clock), most)).rowcount

    def _written(self, write: Write) -> Item:
        (outcome,) = self.write_many([write])
        return returned(outcome)

    def _texts(self, statement: str, wanted: Sequence[tuple[str, ...]], last: int) -> list[str]:
        """What ``statement`` finds of keys or partitions, some at a time, with ``last`` as its last value."""
        if not wanted:
            return []
        with self._made_file().reading() as connection:
            return [
                text
                for some in chunks(wanted, _AT_ONCE)
                for (text,) in connection.execute(
                    sql.about(self._name, statement, len(some)), (*chain.from_iterable(some), last)
                )
            ]

    def _each(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run ``statement`` with each of ``rows``, all in one transaction."""
        if rows:
            with self._made_file().writing() as connection:
                connection.executemany(sql.about(self._name, statement), rows)

    def _made_file(self) -> SqliteFile:
        if not self._made:
            with self._file.reading() as connection:
                self._run(connection, sql.MAKE, ())
            self._made = True
        return self._file

    def _read(self, connection: sqlite3.Connection, pk: str, sk: str, now: int) -> Item | None:
        row = self._run(connection, sql.GET, (pk, sk, now)).fetchone()
        return parsed(row)[0] if row else None

    def _refusal(self, connection: sqlite3.Connection, write: Write, now: int) -> Exists | Stale:
        existing = self._read(connection, write.item["pk"], write.item["sk"], now) if write.kind == "create" else None
        return Exists(existing) if existing else Stale()

    def _run(self, connection: sqlite3.Connection, statement: str, values: tuple[Any, ...]) -> sqlite3.Cursor:
        return connection.execute(sql.about(self._name, statement), values)
