"""What metering asks of SQLite: how many statements, and how many times it waits for the disk."""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from emulator.bench.metered_seller import START, MeteredSeller

INSTANCES, HOURS = 40, 3
SLOTS = INSTANCES * HOURS


class Statements:
    """Counts the statements on the file of a store by their first word."""

    def __init__(self, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._counts: Counter[str] = Counter()
        connect = sqlite3.connect

        def connected(path: Any, **options: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = connect(path, **options)
            if path == store:
                connection.set_trace_callback(lambda text: self._counts.update([text.split()[0]]))
            return connection

        monkeypatch.setattr(sqlite3, "connect", connected)

    def taken(self) -> Mapping[str, int]:
        """The counts since the last look."""
        counts, self._counts = self._counts, Counter()
        del counts["CREATE"]  # at the first use of a table
        return counts


@pytest.fixture
def statements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Statements:
    return Statements(tmp_path / "store.sqlite", monkeypatch)


@pytest.fixture
def seller(tmp_path: Path, statements: Statements) -> MeteredSeller:
    settings = {"KOOGALLERY_STORE": f"sqlite:{tmp_path / 'store.sqlite'}", "KOOGALLERY_SHARDS": "1"}
    made = MeteredSeller(settings, INSTANCES)
    made.clock.sleep(3600)
    made.take_in([])
    statements.taken()
    return made


def events(seller: MeteredSeller, name: str) -> list[Mapping[str, Any]]:
    """One event in each hour of each instance."""
    return [
        {"id": name, "instanceId": each, "time": (START - timedelta(hours=hour)).isoformat(), "value": "1.5"}
        for each in seller.instances
        for hour in range(HOURS)
    ]


def test_of_the_intake(seller: MeteredSeller, statements: Statements) -> None:
    """Up to a hundred instances or events are looked for at once; an event is a statement, and a mark the first time. A
    call waits for the disk once, and once more if it has anything to mark.
    """
    looked = {"WITH": 1 + 2}
    seller.take_in(events(seller, "a"))
    assert statements.taken() == looked | {"INSERT": 2 * SLOTS, "BEGIN": 2, "COMMIT": 2}
    seller.take_in(events(seller, "b"))
    assert statements.taken() == looked | {"INSERT": SLOTS, "BEGIN": 1, "COMMIT": 1}


def test_of_a_run(seller: MeteredSeller, statements: Statements) -> None:
    """A statement to store each record and one to remove its mark, an account and a day for each instance. The rest is
    for the pages and the runs, of which there are three and two, and two instances that lie across pages.
    """
    seller.take_in(events(seller, "a"))
    seller.clock.sleep(3600)
    statements.taken()
    assert seller.upload() == SLOTS
    spent = statements.taken()

    assert spent["INSERT"] + spent["UPDATE"] <= SLOTS + 2 * INSTANCES + 7
    assert spent["DELETE"] <= SLOTS + 3
    assert spent["WITH"] + spent["SELECT"] <= 18
    assert spent["COMMIT"] == spent["BEGIN"] <= 17
