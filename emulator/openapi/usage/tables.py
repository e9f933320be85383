"""SQLite tables ``usage_…`` for usage records, in a database that may hold other tables too."""

import re
import sqlite3
from contextlib import AbstractContextManager
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from emulator.openapi.usage.record import SentRecord
from emulator.platforms.shared_connection import SharedConnection

SENT = tuple(field.name for field in fields(SentRecord))
"""The columns of a record as it was sent."""

_SENT = ", ".join(f"{name} TEXT NOT NULL" for name in SENT)
_TABLES = f"""
CREATE TABLE IF NOT EXISTS usage_record (
  number INTEGER PRIMARY KEY AUTOINCREMENT, {_SENT}, collected_at TEXT NOT NULL,
  UNIQUE (instance_id, begin_time, end_time));
CREATE UNIQUE INDEX IF NOT EXISTS usage_record_sn ON usage_record (metering_sn) WHERE metering_sn <> '';
CREATE TABLE IF NOT EXISTS usage_abnormal (
  number INTEGER PRIMARY KEY AUTOINCREMENT, {_SENT}, code TEXT NOT NULL, at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS usage_abnormal_of ON usage_abnormal (instance_id, begin_time, end_time);
CREATE TABLE IF NOT EXISTS usage_waiting (
  number INTEGER PRIMARY KEY AUTOINCREMENT, {_SENT}, old_api INTEGER NOT NULL, at TEXT NOT NULL, code TEXT NOT NULL);
"""
_values = attrgetter(*SENT)
_AMOUNT = re.compile(r"[0-9]+(\.[0-9]+)?")


class UsageTables(SharedConnection):
    """The tables, made where they are not there yet; for the parameters see :class:`SharedConnection`."""

    def __init__(
        self, connection: sqlite3.Connection | None = None, lock: AbstractContextManager[Any] | None = None
    ) -> None:
        super().__init__(connection, lock)
        with self.lock:
            self.connection.create_aggregate("usage_sum", 1, _Sum)
            self.connection.executescript(_TABLES)

    def insert(self, table: str, sent: SentRecord, **more: str | int) -> bool:
        """Add a row, unless it repeats one that is there; was it added?"""
        names, places = ", ".join((*SENT, *more)), ", ".join("?" * (len(SENT) + len(more)))
        values = (*_values(sent), *more.values())
        with self.lock:
            statement = f"INSERT INTO {table} ({names}) VALUES ({places}) ON CONFLICT DO NOTHING"  # noqa: S608 - names only
            return bool(self.connection.execute(statement, values).rowcount)


class _Sum:
    """Adds decimal texts exactly; what is no amount adds nothing."""

    def __init__(self) -> None:
        self._sum = Decimal(0)

    def step(self, text: Any, /) -> None:
        if isinstance(text, str) and _AMOUNT.fullmatch(text):
            self._sum += Decimal(text)

    def finalize(self) -> Any:  # a text
        return format(self._sum, "f")


def as_text(moment: datetime) -> str:
    """A moment as it stands in the tables; such texts sort like the moments."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
