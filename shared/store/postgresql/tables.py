"""The engine: returns tables and opens no connection."""

from shared.clock import Clock
from shared.errors import ConfigurationError
from shared.store.items import table_name
from shared.store.postgresql.database import PostgresqlDatabase
from shared.store.postgresql.pool import Pool
from shared.store.postgresql.table import PostgresTable
from shared.store.table import NAMES

_LONGEST = 63 - len("-expires")


class PostgresTables:
    """All tables whose names begin with ``prefix``. They are made when one is not there.

    :raises ConfigurationError: the prefix is too long for PostgreSQL, which would cut the names.
    """

    remote = True

    def __init__(self, prefix: str, clock: Clock, pool: Pool) -> None:
        if len(prefix) + max(map(len, NAMES)) > _LONGEST:
            raise ConfigurationError("KOOGALLERY_TABLE_PREFIX is too long for the names of tables in PostgreSQL")
        self._prefix = prefix
        self._clock = clock
        self._database = PostgresqlDatabase(pool, clock)

    def table(self, name: str) -> PostgresTable:
        """The table called ``prefix`` + ``name``; nothing is connected yet.

        :raises ValueError: if that cannot be a table's name on every engine.
        """
        return PostgresTable(table_name(self._prefix, name), self._database, self._clock)

    def remove_expired(self, most: int) -> int:
        """Remove at most so many expired items, the longest expired of each table first, in a transaction per table.

        :raises Unavailable: the database does not do it.
        """
        removed = 0
        for name in NAMES:
            if removed < most:
                removed += self.table(name).remove_expired(most - removed)
        return removed

    def compact(self) -> bool:
        """Nothing: the server's autovacuum does it, and its log and backups are its own."""
        return False

    def close(self) -> None:
        """Close the idle connections. The object stays usable."""
        self._database.close()
