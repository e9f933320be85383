"""Enterprises in a SQLite database that others may share."""

import sqlite3
from contextlib import AbstractContextManager
from typing import Any

from emulator.identity.enterprise import Enterprise

_TABLE = """
CREATE TABLE IF NOT EXISTS identity_enterprise (tenant_id TEXT PRIMARY KEY, body TEXT NOT NULL)
"""


class SqliteEnterprises:
    """Table ``identity_enterprise`` of ``connection``, which is in autocommit; ``lock`` is that of all who use it."""

    def __init__(self, connection: sqlite3.Connection, lock: AbstractContextManager[Any]) -> None:
        self._connection, self._lock = connection, lock
        with lock:
            connection.execute(_TABLE)

    def load(self) -> list[Enterprise]:
        """All, in the order in which they came."""
        with self._lock:
            rows = self._connection.execute("SELECT body FROM identity_enterprise ORDER BY rowid").fetchall()
        return [Enterprise.from_json(body) for (body,) in rows]

    def save(self, enterprise: Enterprise) -> None:
        """Keep one, over what was kept of its tenant."""
        with self._lock:
            self._connection.execute(
                "INSERT INTO identity_enterprise VALUES (?, ?) "
                "ON CONFLICT (tenant_id) DO UPDATE SET body = excluded.body",
                (enterprise.tenant_id, enterprise.to_json()),
            )
