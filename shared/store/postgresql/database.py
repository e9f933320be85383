"""A database and its tables: what is asked of it is asked again where that may help.

What was lost on its way is sent once more, so every statement here may come twice::

    no connection                         nothing was sent                    ─▶ again
    connection broken, server ending      nobody knows: a doubtful copy       ─▶ again, ``resent``
    deadlock, conflict of transactions    the server undid everything         ─▶ again
    no such table                         nothing was done: make the table    ─▶ again
    any other error                       the server undid everything         ─▶ ``Unavailable``
"""

from collections.abc import Callable
from typing import TypeVar

import psycopg
from psycopg.errors import UndefinedTable

from shared.clock import BackOff, Clock, Deadline
from shared.errors import Unavailable
from shared.store.postgresql import statements as sql
from shared.store.postgresql.connection import PatientConnection
from shared.store.postgresql.pool import Pool

_PAUSES = (0.05, 0.2, 0.4, 0.8)
_TRY_SECONDS = 3.0
_UNDONE = frozenset({"40001", "40P01"})
# One process at a time makes tables: PostgreSQL's own IF NOT EXISTS loses races.
_LOCK = b"SELECT pg_advisory_xact_lock(5496331417)"

T = TypeVar("T")


class Doubtful(Unavailable):
    """The store did not say whether it carried out what it was asked."""


class PostgresqlDatabase:
    """The database that a pool reaches."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    def ask(self, name: str, work: Callable[[PatientConnection, bool], T]) -> T:
        """What ``work`` returns, given a connection and whether a doubtful copy went out before.

        :param name: of the table that it needs.
        :raises Unavailable: nothing was carried out.
        :raises Doubtful: perhaps it was.
        """
        pauses, deadline = BackOff(self._clock, _PAUSES), Deadline(self._clock, _TRY_SECONDS)
        doubtful = made = False
        while True:
            connected = False
            try:
                with self._pool.connection() as connection:
                    connected = True
                    return work(connection, doubtful)
            except UndefinedTable:
                if made:
                    raise Unavailable("the store does not keep its table") from None
                self._make(name)
                made = True
            except psycopg.Error as error:
                lost = connected and _is_lost(error)
                doubtful = doubtful or lost
                again = lost or not connected or error.sqlstate in _UNDONE
                if not (again and pauses.wait(deadline)):
                    raise _unavailable(error, doubtful) from None

    def _make(self, name: str) -> None:
        try:
            with self._pool.connection() as connection, connection.transaction():
                connection.execute(_LOCK)
                connection.execute(sql.about(name, sql.MAKE))
        except psycopg.Error as error:
            raise _unavailable(error, doubtful=False) from None

    def close(self) -> None:
        """Close the idle connections. The object stays usable."""
        self._pool.close()


def _is_lost(error: psycopg.Error) -> bool:
    """Did the connection break, or the server end it, before the answer was there?"""
    return isinstance(error, psycopg.OperationalError) and (error.sqlstate or "08")[:3] in ("08", "080", "57P")


def _unavailable(error: psycopg.Error, doubtful: bool) -> Unavailable:
    # The text of the original may quote what is stored.
    reason = f"it answered {error.sqlstate}" if error.sqlstate else "no connection"
    if doubtful:
        return Doubtful(f"the store did not say whether it carried out a write ({reason})")
    return Unavailable(f"the store could not be reached ({reason})")
