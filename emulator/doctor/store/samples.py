"""Some of the items that are stored, whichever: the bundle itself never asks a store for that."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from emulator.doctor.patient import Patient
from emulator.doctor.store.dynamodb import service_of
from shared.aws.service import ServiceError
from shared.errors import Unavailable
from shared.store.dynamodb.attributes import decode
from shared.store.dynamodb.schema import definitions
from shared.store.items import table_name

TABLES = ("instances", "directory", "sessions")
"""Where sealed things are."""
EACH = 50


def samples(patient: Patient) -> Iterator[Any]:
    """A few items of the tables that hold sealed values."""
    engine, place = patient.settings.store
    if engine == "sqlite":
        yield from _in_sqlite(Path(place))
    elif engine == "postgresql":
        yield from _in_postgresql(place, patient.settings.table_prefix)
    else:
        yield from _in_dynamodb(patient)


def _in_sqlite(path: Path) -> Iterator[Any]:
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as file:
        for name in TABLES:
            with suppress(sqlite3.OperationalError):  # no such table yet
                rows = file.execute(f"SELECT item FROM {table_name('', name)} LIMIT ?", (EACH,))  # noqa: S608 - our own
                yield from (json.loads(item) for (item,) in rows)


def _in_postgresql(url: str, prefix: str) -> Iterator[Any]:
    import psycopg

    with suppress(psycopg.Error), psycopg.connect(url, connect_timeout=3, autocommit=True) as connection:
        for name in TABLES:
            with suppress(psycopg.Error):
                said = f'SELECT item FROM "{table_name(prefix, name)}" LIMIT %s'  # noqa: S608 - our own
                yield from (item for (item,) in connection.execute(said.encode(), (EACH,)))


def _in_dynamodb(patient: Patient) -> Iterator[Any]:
    settings, service = patient.settings, service_of(patient)
    names = [each["TableName"] for each in definitions(settings.table_prefix, settings.single_table)]
    for name in names:
        with suppress(ServiceError, Unavailable):  # GeminiDB knows no scans
            found = service.call("Scan", {"TableName": name, "Limit": EACH})
            yield from (decode(item) for item in found.get("Items", ()))
