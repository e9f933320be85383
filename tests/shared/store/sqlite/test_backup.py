"""A copy of the store while others write, restored: nothing acknowledged before is missing, nothing is half."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from emulator.commands.cli import main
from shared.clock import SystemClock
from shared.errors import ConfigurationError
from shared.store.sqlite.backup import backup, restore
from shared.store.sqlite.table import SqliteTables


def tables(path: Path) -> SqliteTables:
    return SqliteTables(str(path), SystemClock())


@contextmanager
def written(store: Path) -> Iterator[list[int]]:
    """While somebody writes pairs of items one after the other; the numbers of those that were acknowledged."""
    kept, over = [], Event()
    table = tables(store).table("usage")

    def write() -> None:
        for number in range(1_000_000):
            if over.is_set():
                return
            table.put_many([{"pk": f"{number}", "sk": side} for side in ("a", "b")])
            kept.append(number)

    thread = Thread(target=write)
    thread.start()
    try:
        while not kept:
            over.wait(0.01)
        yield kept
    finally:
        over.set()
        thread.join()


def numbers(store: Path) -> tuple[set[int], set[int]]:
    with closing(sqlite3.connect(store)) as connection:
        rows = connection.execute('SELECT pk, sk FROM "usage"').fetchall()
    first, second = ({int(pk) for pk, sk in rows if sk == side} for side in ("a", "b"))
    return first, second


def test_a_copy_is_one_moment_of_a_store_that_is_written_to(tmp_path: Path) -> None:
    store, file = tmp_path / "store.sqlite", tmp_path / "copy"
    with written(store) as kept:
        for _ in range(5):
            before = len(kept)
            backup(store, file)
            after = len(kept)
            first, second = numbers(file)

            assert first == second, "no half of a transaction"
            assert first >= set(range(before))
            assert len(first) <= after + 1
    assert file.stat().st_mode & 0o077 == 0
    assert {each.name for each in tmp_path.glob("copy*")} == {"copy"}


def test_the_way_back_while_others_have_the_store_open(tmp_path: Path) -> None:
    store, file = tmp_path / "store.sqlite", tmp_path / "copy"
    with written(store) as kept:
        before = len(kept)
        backup(store, file)
        copied = len(kept)
        while len(kept) < copied + 50:
            pass
        restore(file, store)
        restored = len(kept)
        while len(kept) < restored + 5:
            pass
    first, second = numbers(store)

    assert first == second
    assert first >= set(range(before))
    assert not first & set(range(copied + 1, copied + 50)), "what came after the copy is gone"
    assert set(range(restored + 1, restored + 5)) <= first, "and whoever writes goes on"


def test_onto_an_empty_machine(tmp_path: Path) -> None:
    store, other = tmp_path / "store.sqlite", tmp_path / "other.sqlite"
    tables(store).table("usage").create({"pk": "p", "sk": "s", "text": "kept"})
    backup(store, tmp_path / "copy")
    restore(tmp_path / "copy", other)

    item = tables(other).table("usage").get("p", "s")
    assert item
    assert item["text"] == "kept"


def test_what_is_damaged_replaces_nothing(tmp_path: Path) -> None:
    store, file = tmp_path / "store.sqlite", tmp_path / "copy"
    tables(store).table("usage").put_many([{"pk": f"{n}", "sk": "s", "text": "x" * 500} for n in range(200)])
    backup(store, file)
    data = bytearray(file.read_bytes())
    data[4096:12288] = b"\xff" * 8192
    file.write_bytes(data)

    with pytest.raises(ConfigurationError, match="cannot be copied"):
        restore(file, store)
    assert len(numbers_of(store)) == 200
    with pytest.raises(ConfigurationError, match="is not there"):
        restore(tmp_path / "nothing", store)
    with pytest.raises(ConfigurationError, match="is not there"):
        backup(tmp_path / "nothing", file)
    assert not (tmp_path / "nothing").exists()


def numbers_of(store: Path) -> list[str]:
    with closing(sqlite3.connect(store)) as connection:
        return [pk for (pk,) in connection.execute('SELECT pk FROM "usage"')]


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    store, file = tmp_path / "store.sqlite", tmp_path / "copy"
    tables(store).table("usage").create({"pk": "p", "sk": "s"})
    monkeypatch.setenv("KOOGALLERY_STORE", f"sqlite:{store}")

    assert main(["backup", str(file)]) == 0
    tables(store).table("usage").create({"pk": "later", "sk": "s"})
    assert main(["restore", str(file)]) == 0
    assert numbers_of(store) == ["p"]
    monkeypatch.setenv("KOOGALLERY_STORE", "postgresql://user:secret@db/koogallery")
    assert main(["backup", str(file)]) == 1
    assert "backups of its own" in (said := capsys.readouterr().err)
    assert "secret" not in said
