"""What only the SQLite engine promises: durability, many processes, errors. The rest is in ``test_table.py``."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.errors import Unavailable
from shared.store.sqlite import SqliteTables
from shared.store.sqlite_file import SqliteFile
from tests.fakes import FakeClock
from tests.shared.store.sqlite_child import INCREMENTS

ROOT = Path(__file__).parents[3]


def child(work: str, path: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.shared.store.sqlite_child", work, str(path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "not" / "yet" / "store.sqlite"


def test_touches_nothing_before_the_first_use(path: Path, clock: FakeClock) -> None:
    table = SqliteTables(str(path), clock).table("instances")
    assert not path.parent.exists()

    assert table.get("a") is None
    assert path.exists()


def test_keeps_what_was_created_when_the_process_is_killed(path: Path, clock: FakeClock) -> None:
    assert child("crash", path).wait(30) == -signal.SIGKILL

    item = SqliteTables(str(path), clock).table("instances").get("crash")

    assert item == {"pk": "crash", "sk": "-", "kept": True, "version": 1}


def test_loses_no_update_of_several_processes_that_also_make_the_file(path: Path, clock: FakeClock) -> None:
    children = [child("count", path) for _ in range(4)]
    assert [process.wait(60) for process in children] == [0, 0, 0, 0]

    item = SqliteTables(str(path), clock).table("instances").get("count")

    assert item is not None
    assert item["sum"] == 4 * INCREMENTS


def test_can_be_opened_by_many_at_once_while_new(tmp_path: Path, clock: FakeClock) -> None:
    starts = [threading.Barrier(8) for _ in range(60)]

    def first_use(number: int) -> None:
        tables = SqliteTables(str(tmp_path / f"store{number // 8}"), clock)
        starts[number // 8].wait()
        tables.table("instances").get("a")

    with ThreadPoolExecutor(8) as pool:
        uses = [pool.submit(first_use, number) for number in range(8 * 60)]

    # Without another try, one of a few hundred fails.
    assert [use.exception() for use in uses] == [None] * 8 * 60


def test_tables_are_apart(path: Path, clock: FakeClock) -> None:
    tables = SqliteTables(str(path), clock)
    tables.table("instances").create({"pk": "a", "sk": "-"})

    assert tables.table("agenda").get("a") is None


def test_survives_close(path: Path, clock: FakeClock) -> None:
    tables = SqliteTables(str(path), clock)
    created = tables.table("instances").create({"pk": "a", "sk": "-"})
    tables.close()

    assert tables.table("instances").get("a") == created


@pytest.mark.parametrize("name", ["a.b", "a", 'a"; DROP', ""])
def test_refuses_names_that_are_none(path: Path, clock: FakeClock, name: str) -> None:
    with pytest.raises(ValueError, match="table name"):
        SqliteTables(str(path), clock).table(name)


def test_writes_ahead_and_waits_for_the_disk(path: Path) -> None:
    with SqliteFile(path, "FULL").reading() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_keeps_a_connection_for_the_next_use(path: Path) -> None:
    file = SqliteFile(path, "FULL")
    with file.reading() as first:
        pass
    with file.reading() as second, file.reading() as third:
        assert second is first
        assert third is not first


def test_undoes_a_write_that_fails_half_way(path: Path, clock: FakeClock) -> None:
    file = SqliteFile(path, "FULL")
    with file.writing() as connection:
        connection.execute("CREATE TABLE numbers (number INTEGER NOT NULL)")

    def write(*numbers: int | None) -> None:
        with file.writing() as connection:
            for number in numbers:
                connection.execute("INSERT INTO numbers VALUES (?)", (number,))

    with pytest.raises(Unavailable):
        write(1, None)
    write(2)

    with file.reading() as connection:
        assert connection.execute("SELECT * FROM numbers").fetchall() == [(2,)]


def test_undoes_a_write_whose_block_raises(path: Path, clock: FakeClock) -> None:
    table = SqliteTables(str(path), clock).table("instances")
    created = table.create({"pk": "a", "sk": "-"})

    def interrupted() -> None:
        with SqliteFile(path, "FULL").writing() as connection:
            connection.execute("DELETE FROM instances")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert table.get("a") == created


def test_is_unavailable_where_no_file_can_be(path: Path, clock: FakeClock, tmp_path: Path) -> None:
    (tmp_path / "not").write_text("a file where the folder should be")

    with pytest.raises(Unavailable) as refused:
        SqliteTables(str(path), clock).table("instances").get("a")

    assert isinstance(refused.value.__cause__, OSError)


def test_is_unavailable_where_the_file_is_something_else(tmp_path: Path, clock: FakeClock) -> None:
    other = tmp_path / "other"
    other.write_text("no database " * 100)

    with pytest.raises(Unavailable) as refused:
        SqliteTables(str(other), clock).table("instances").create({"pk": "secret", "sk": "-"})

    assert isinstance(refused.value.__cause__, sqlite3.DatabaseError)
    assert "secret" not in f"{refused.value!r}{refused.value.__cause__!r}"
