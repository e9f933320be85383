"""A SQLite connection that the threads and the parts of one process share."""

import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import RLock
from typing import Any


class SharedConnection:
    """A connection in autocommit, and the lock under which it is used. Thread-safe.

    :param connection: opened with ``check_same_thread=False`` and ``isolation_level=None``; without one, memory.
    :param lock: re-entrant, that of all who use ``connection``.
    """

    def __init__(
        self, connection: sqlite3.Connection | None = None, lock: AbstractContextManager[Any] | None = None
    ) -> None:
        self.connection = connection or sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self.lock: AbstractContextManager[Any] = lock or RLock()
        if connection is None:
            weakref.finalize(self, self.connection.close)

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows that a statement finds."""
        with self.lock:
            return self.connection.execute(statement, values).fetchall()

    def change(self, statement: str, *values: Any) -> None:
        """Do what one statement says, inside of :meth:`changing`."""
        with self.changing():
            self.connection.execute(statement, values)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """What is changed inside is kept together or not at all, and nobody else enters anything meanwhile. May be
        nested, also in another's who uses the connection.
        """
        with self.lock:
            if self.connection.in_transaction:
                yield
                return
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")
