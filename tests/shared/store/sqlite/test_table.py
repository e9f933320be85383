"""What only the SQLite engine promises: durability, many processes, errors. The rest is in ``test_table.py``."""

import json
import os
import signal
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from shared.errors import Unavailable
from shared.store.sqlite import statements as sql
from shared.store.sqlite.file import SqliteFile
from shared.store.sqlite.table import SqliteTables
from shared.store.table import Item
from tests.fakes import FakeClock
from tests.shared.store.child import INCREMENTS, start


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "not" / "yet" / "store.sqlite"


def test_touches_nothing_before_the_first_use(path: Path, clock: FakeClock) -> None:
    table = SqliteTables(str(path), clock).table("instances")
    assert not path.parent.exists()

    assert table.get("a") is None
    assert path.exists()


def test_an_item_is_the_text_that_earlier_releases_wrote_and_read(tmp_path: Path, clock: FakeClock) -> None:
    members: Item = {"value": [10**38 - 1, -(2**64), True, None, {}], "云": '\0\t\x7f"\\/<&>\u2028\U0001f600', "no": ""}
    item = SqliteTables(str(tmp_path / "store"), clock).table("instances").create({"pk": "p", "sk": "s", **members})
    with closing(sqlite3.connect(tmp_path / "store")) as connection:
        [(text,)] = connection.execute("SELECT item FROM instances").fetchall()

    assert text == json.dumps(item, ensure_ascii=False, separators=(",", ":"))


def test_an_item_and_what_stands_beside_it_are_one_transaction(path: Path, clock: FakeClock) -> None:
    said: list[str] = []
    tables = SqliteTables(str(path), clock)
    table = tables.table("instances")
    created = table.create({"pk": "p", "sk": "-"})
    (connection,) = tables._file._idle
    connection.set_trace_callback(said.append)
    table.replace(created, [{"pk": "p", "sk": str(number)} for number in range(5)])

    assert [each for each in said if each in ("BEGIN IMMEDIATE", "COMMIT")] == ["BEGIN IMMEDIATE", "COMMIT"]
    assert len(said) == 1 + 1 + 5 + 1


def test_keeps_what_was_created_when_the_process_is_killed(path: Path, clock: FakeClock) -> None:
    assert start("crash", f"sqlite:{path}").wait(30) == -signal.SIGKILL

    item = SqliteTables(str(path), clock).table("instances").get("crash")

    assert item == {"pk": "crash", "sk": "-", "kept": True, "version": 1}


def test_loses_no_update_of_several_processes_that_also_make_the_file(path: Path, clock: FakeClock) -> None:
    children = [start("count", f"sqlite:{path}") for _ in range(4)]
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


# --- what has expired -------------------------------------------------------------------------------------------------


def rows(path: Path, table: str) -> list[str]:
    with sqlite3.connect(path) as connection:
        return [pk for (pk,) in connection.execute(f'SELECT pk FROM "{table}" ORDER BY pk')]  # noqa: S608 - a test's own


def test_removes_what_has_expired_and_nothing_else(path: Path, clock: FakeClock) -> None:
    tables = SqliteTables(str(path), clock)
    now = int(clock.now().timestamp())
    for name in ("idempotency", "usage"):
        table = tables.table(name)
        table.create({"pk": "for ever", "sk": "-"})
        table.put_many({"pk": f"second {second}", "sk": "-", "expires": now + second} for second in range(6))
    clock.advance(3)

    assert tables.remove_expired(100) == 8
    assert rows(path, "usage") == rows(path, "idempotency") == ["for ever", "second 4", "second 5"]
    assert tables.remove_expired(100) == 0


def test_removes_no_more_than_it_is_told_the_longest_expired_first(path: Path, clock: FakeClock) -> None:
    tables = SqliteTables(str(path), clock)
    now = int(clock.now().timestamp())
    tables.table("usage").put_many(
        {"pk": f"second {second}", "sk": "-", "expires": now + second} for second in range(6)
    )
    clock.advance(10)

    assert [tables.remove_expired(4), rows(path, "usage")] == [4, ["second 4", "second 5"]]
    assert tables.remove_expired(4) == 2


def test_finds_what_has_expired_by_an_index(path: Path, clock: FakeClock) -> None:
    tables = SqliteTables(str(path), clock)
    tables.remove_expired(1)
    steps = plan(path, sql.about("usage", sql.SWEEP), (0, 1))

    assert any("usage-expires" in step for step in steps)
    assert [step for step in steps if step.startswith("SCAN")] == []


@pytest.mark.parametrize(
    ("statement", "values"), [(sql.GET_THOSE, ("a", "1", "b", "2", 0)), (sql.FIRST_PAGES, ("a", "b", 5))]
)
def test_gets_what_it_is_asked_for_by_key_and_looks_at_nothing_else(
    path: Path, clock: FakeClock, statement: str, values: tuple[object, ...]
) -> None:
    SqliteTables(str(path), clock).table("usage").get("a")
    steps = plan(path, sql.about("usage", statement, 2), values)

    assert any(step.startswith(("SEARCH stored USING PRIMARY KEY", "SEARCH usage USING PRIMARY KEY")) for step in steps)
    assert not any(step.startswith(("SCAN stored", "SCAN usage")) for step in steps)
    assert not any("TEMP B-TREE" in step for step in steps)


def plan(path: Path, statement: str, values: tuple[object, ...]) -> list[str]:
    """How SQLite carries out a statement."""
    with closing(sqlite3.connect(path)) as connection:
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]


# --- whose the file is ------------------------------------------------------------------------------------------------


def modes(path: Path) -> dict[str, int]:
    return {each.name.removeprefix(path.name): each.stat().st_mode & 0o777 for each in path.parent.iterdir()}


@pytest.fixture
def open_mask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_mask")
def test_the_file_and_what_stands_beside_it_are_its_owners_alone(path: Path, clock: FakeClock) -> None:
    tables = SqliteTables(str(path), clock)
    tables.table("usage").create({"pk": "a", "sk": "-"})

    assert modes(path) == {"": 0o600, "-wal": 0o600, "-shm": 0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.usefixtures("open_mask")
def test_a_file_that_was_open_to_others_is_closed(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "store" / "store.sqlite"
    tables = SqliteTables(str(path), clock)
    tables.table("usage").create({"pk": "a", "sk": "-"})
    for each in path.parent.iterdir():
        each.chmod(0o644)

    assert SqliteTables(str(path), clock).table("usage").get("a") is not None
    assert modes(path) == {"": 0o600, "-wal": 0o600, "-shm": 0o600}
