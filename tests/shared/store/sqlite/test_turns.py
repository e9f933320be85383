"""Writers of one process take turns at the file."""

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.errors import Unavailable
from shared.store.sqlite import file as sqlite_file
from shared.store.sqlite.file import SqliteFile


def test_who_waits_for_a_turn_goes_on_when_it_ends(tmp_path: Path) -> None:
    """SQLite itself lets a waiter look again only after a pause, which grows to a tenth of a second: each time."""
    file = SqliteFile(tmp_path / "store.sqlite", "FULL")
    assert any(0 < _waited(file) < 0.07 for _ in range(5))


def _waited(file: SqliteFile) -> float:
    """Seconds from the end of one turn to the beginning of the next."""
    inside, ended, begun = threading.Event(), [0.0], [0.0]

    def first() -> None:
        with file.writing():
            inside.set()
            time.sleep(0.34)
            ended[0] = time.perf_counter()

    def second() -> None:
        inside.wait()
        with file.writing():
            begun[0] = time.perf_counter()

    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(first), pool.submit(second)]:
            each.result()

    return begun[0] - ended[0]


def test_a_turn_that_does_not_come_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY_SECONDS", 0.05)
    file = SqliteFile(tmp_path / "store.sqlite", "FULL")

    with file.writing(), pytest.raises(Unavailable), file.writing():
        pass
    with file.writing() as connection:
        connection.execute("CREATE TABLE after (id)")


def test_a_turn_ends_with_what_fails_in_it(tmp_path: Path) -> None:
    file = SqliteFile(tmp_path / "store.sqlite", "FULL")
    with pytest.raises(Unavailable), file.writing():
        raise sqlite3.OperationalError

    with file.writing() as connection:
        connection.execute("CREATE TABLE after (id)")
