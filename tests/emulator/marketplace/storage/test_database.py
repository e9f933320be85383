"""The marketplace's file."""

import json
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from emulator.marketplace.ids import Ids
from emulator.marketplace.storage.database import Database, Document


class Thing(Document):
    name: str = ""
    box: str = ""

    @property
    def owner(self) -> str:
        return self.box


class Other(Document):
    pass


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "deep" / "book.sqlite")
    yield made
    made.close()


def test_documents_are_kept_by_kind_and_id(database: Database, tmp_path: Path) -> None:
    database.put(Thing(id="1", name="first"), Other(id="1"))
    again = Database(tmp_path / "deep" / "book.sqlite")
    assert again.get(Thing, "1") == Thing(id="1", name="first")
    assert again.get(Other, "1") == Other(id="1")
    assert again.get(Other, "2") is None
    with pytest.raises(KeyError, match="no thing 2"):
        again.the(Thing, "2")
    again.close()
    assert stat.S_IMODE((tmp_path / "deep").stat().st_mode) == 0o700


def test_lists_are_in_the_order_of_the_first_time(database: Database) -> None:
    for number in "123":
        database.put(Thing(id=number, box="b" if number != "2" else "c"))
    database.put(Thing(id="1", name="changed", box="b"))
    assert [thing.id for thing in database.all(Thing)] == ["1", "2", "3"]
    assert [thing.name for thing in database.all(Thing, "b")] == ["changed", ""]
    assert [thing.id for thing in database.all(Thing, newest=2)] == ["3", "2"]
    assert (database.count(Thing), database.count(Thing, "b"), database.count(Thing, "")) == (3, 2, 0)


def test_a_change_is_made_as_a_whole_or_not_at_all(database: Database) -> None:
    def half() -> None:
        with database.changing():
            database.put(Thing(id="1"))
            with database.changing():
                database.next_number("n")
            raise OSError("in the middle")

    with pytest.raises(OSError, match="in the middle"):
        half()
    assert database.get(Thing, "1") is None
    assert database.next_number("n") == 1
    with database.changing():
        database.put(Thing(id="1"))
        database.set("name", "value")
    assert database.get(Thing, "1") is not None
    assert (database.setting("name"), database.setting("other", "default")) == ("value", "default")


def test_numbers_come_once_however_many_ask(database: Database) -> None:
    with ThreadPoolExecutor(8) as executor:
        numbers = list(executor.map(lambda _: database.next_number("n"), range(200)))
    assert sorted(numbers) == list(range(1, 201))


def test_without_a_path_it_is_kept_in_memory() -> None:
    database = Database()
    database.put(Thing(id="1"))
    assert database.count(Thing) == 1
    database.close()


def test_documents_of_another_form_are_refused(database: Database) -> None:
    row = ("thing", "1", "", json.dumps({"id": "1", "unknown": 1}))
    database.connection.execute("INSERT INTO document (kind, id, owner, body) VALUES (?, ?, ?, ?)", row)
    with pytest.raises(ValueError, match="unknown"):
        database.get(Thing, "1")


def test_the_same_seed_makes_the_same_ids(tmp_path: Path) -> None:
    def made(name: str, seed: int) -> list[str]:
        database = Database(tmp_path / name)
        ids = Ids(database, seed)
        now = datetime(2026, 11, 22, 18, 21, tzinfo=UTC)
        made = [ids.order(now), ids.order(now), ids.hexadecimal("customer"), ids.hexadecimal("customer"), ids.nonce()]
        database.close()
        return made

    first = made("a", 1)
    assert made("b", 1) == first
    assert not set(made("c", 2)) & set(first)
    assert len(set(first)) == 5
    assert [len(each) for each in first] == [17, 17, 32, 32, 64]
    assert first[0].startswith("CS2611221821")


def test_ids_go_on_after_a_restart(database: Database, tmp_path: Path) -> None:
    first = Ids(database, 1).nonce()
    again = Database(tmp_path / "deep" / "book.sqlite")
    assert Ids(again, 1).nonce() != first
    again.close()
