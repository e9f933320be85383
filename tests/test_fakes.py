"""The fakes that other tests rely on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.store.sqlite.table import SqliteTables
from shared.store.table import Exists
from tests.fakes import CountingTables, FakeClock

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Crash(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def tables(tmp_path: Path) -> CountingTables:
    return CountingTables(SqliteTables(str(tmp_path / "store"), FakeClock()))


def test_clock_moves_both_its_times_together() -> None:
    clock = FakeClock(NOON)
    clock.sleep(2)
    clock.advance(timedelta(seconds=3))
    clock.set(NOON + timedelta(seconds=10))

    assert clock.now() == NOON + timedelta(seconds=10)
    assert clock.monotonic() == 10
    assert clock.slept == [2]


def test_clock_put_back_does_not_put_monotonic_time_back() -> None:
    clock = FakeClock(NOON)
    clock.advance(5)
    clock.set(NOON)

    assert clock.now() == NOON
    assert clock.monotonic() == 5


def test_calls_are_counted_by_table_and_method(tables: CountingTables) -> None:
    first = tables.table("instances").create({"pk": "a", "sk": "-"})
    tables.table("instances").delete(tables.table("instances").replace(first))
    tables.table("agenda").put_many([first])
    tables.table("agenda").get_many([("a", "-")])
    tables.table("agenda").query("a")
    tables.table("agenda").get("a")
    tables.table("agenda").get("b")

    assert tables.calls["instances", "create"] == 1
    assert tables.calls["agenda", "get"] == 2
    assert tables.total == 8
    tables.reset()
    assert tables.total == 0


def test_crash_before_a_call_leaves_nothing(tables: CountingTables) -> None:
    def crash(table: str, method: str) -> None:
        if (table, method) == ("instances", "create"):
            raise Crash

    tables.before = crash
    with pytest.raises(Crash):
        tables.table("instances").create({"pk": "a", "sk": "-"})

    assert tables.table("instances").get("a") is None


def test_crash_after_a_call_leaves_its_effect(tables: CountingTables) -> None:
    def crash(table: str, method: str) -> None:
        raise Crash

    tables.after = crash
    with pytest.raises(Crash):
        tables.table("instances").create({"pk": "a", "sk": "-"})
    tables.after = lambda table, method: None

    with pytest.raises(Exists):
        tables.table("instances").create({"pk": "a", "sk": "-"})
