"""An upload dies before or after each call to the store and to the usage API; later runs bill exactly what was used."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from shared.metering.events import UsageEvent
from shared.openapi.usage_push import PushAnswer, UsageRecord
from shared.store.dynamodb import DynamoTables, administration, definitions
from shared.store.postgresql.pool import Pool
from shared.store.postgresql.tables import PostgresTables
from shared.store.table import Tables
from tests.engines import ENVIRONMENT
from tests.fakes import FakeClock
from tests.postgresql import PostgresServer, database
from tests.shared.metering.market import START, Death, Metering

Prepare = Callable[[Metering], None]


class Mortal:
    """Counts the points at which a run may die and dies at number ``fatal``."""

    def __init__(self, world: Metering, fatal: int) -> None:
        self.fatal, self.passed = fatal, 0
        world.tables.before = world.tables.after = lambda _table, _method: self.point()
        answer, lose = world.api.fault, world.api.lose

        def before(records: list[UsageRecord]) -> PushAnswer | None:
            self.point()
            return answer(records)

        def after() -> bool:
            self.point()
            return lose()

        world.api.fault, world.api.lose = before, after

    def point(self) -> None:
        if self.passed == self.fatal:
            raise Death
        self.passed += 1


def deaths(
    tmp_path: Path, prepare: Prepare, make: Callable[[int], Tables | None] = lambda _: None
) -> Iterator[Metering]:
    """A world for each point at which an upload can die, after that death; on SQLite, or the tables that are made."""
    for fatal in range(300):
        folder = tmp_path / str(fatal)
        folder.mkdir()
        world = Metering(folder, make(fatal), shards=1)
        prepare(world)
        api = (world.api.fault, world.api.lose)
        mortal = Mortal(world, fatal)
        try:
            world.upload()
        except Death:
            world.tables.before = world.tables.after = lambda _table, _method: None
            world.api.fault, world.api.lose = api
            yield world
        else:
            assert fatal == mortal.passed > 10
            return
    raise AssertionError("an upload has no end")


def used(world: Metering, *values: str) -> None:
    world.open("meter")
    world.use(
        *(
            UsageEvent(f"event-{index}", "meter", world.clock.now(), Decimal(value))
            for index, value in enumerate(values)
        )
    )


def simple(world: Metering) -> None:
    used(world, "1", "2.5")
    world.clock.advance(timedelta(hours=1))


def with_remainders(world: Metering) -> None:
    used(world, "1.00006")
    world.clock.advance(timedelta(hours=1))
    world.use(UsageEvent("later", "meter", world.clock.now(), Decimal("2.00005")))
    world.clock.advance(timedelta(hours=1))


def late(world: Metering) -> None:
    simple(world)
    world.upload()
    world.use(UsageEvent("late", "meter", world.clock.now() - timedelta(hours=1), Decimal("0.25")))
    world.clock.advance(timedelta(minutes=10))


def window_taken(world: Metering) -> None:
    """Somebody used the hour's window by hand: the record is refused and gets another one."""
    simple(world)
    taken = UsageRecord("meter", "20261101T000000Z", "20261101T010000Z", "20261101T010500Z", Decimal(7), "by-hand")
    world.api.contents["by-hand"] = taken
    world.api.accepted["meter", taken.begin_time, taken.end_time] = taken


@pytest.mark.sweep
@pytest.mark.parametrize(("prepare", "due"), [(simple, "3.5"), (with_remainders, "3.0001"), (late, "3.75")])
def test_later_runs_bill_exactly_what_was_used(tmp_path: Path, prepare: Prepare, due: str) -> None:
    for world in deaths(tmp_path, prepare):
        for _ in range(2):
            world.clock.advance(timedelta(minutes=15))
            world.upload()
        assert world.api.total("meter") == Decimal(due)
        assert [key for key, _ in world.records().open_keys(0)] == []


@pytest.mark.slow
@pytest.mark.engines
def test_on_dynamodb_too(tmp_path: Path, dynalite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the engine without transactions, where a write and what stands beside it come apart."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    client = administration(dynalite)

    def make(fatal: int) -> Tables:
        prefix = f"death-{fatal}-"
        for definition in definitions(prefix):
            if definition["TableName"].endswith(("usage", "billing")):
                client.create_table(**definition)
        return DynamoTables(prefix, FakeClock(START), endpoint=dynalite)

    assert_all_is_billed_on(make, tmp_path)


@pytest.mark.engines
def test_on_postgresql_too(tmp_path: Path, postgresql_server: PostgresServer) -> None:
    with database(postgresql_server) as url, closing(Pool(lambda: url)) as pool:
        assert_all_is_billed_on(lambda fatal: PostgresTables(f"death-{fatal}-", FakeClock(START), pool), tmp_path)


def assert_all_is_billed_on(make: Callable[[int], Tables], folder: Path) -> None:
    for world in deaths(folder, late, make):
        for _ in range(2):
            world.clock.advance(timedelta(minutes=15))
            world.upload()
        assert world.api.total("meter") == Decimal("3.75")
        assert [key for key, _ in world.records().open_keys(0)] == []


@pytest.mark.sweep
def test_a_window_that_is_taken_is_replaced_once(tmp_path: Path) -> None:
    """A death right after the first attempt was put on file is the one case that cannot be told from a delivery."""
    totals = set()
    for world in deaths(tmp_path, window_taken):
        for _ in range(2):
            world.clock.advance(timedelta(minutes=15))
            world.upload()
        totals.add(world.api.total("meter"))
    assert max(totals) == Decimal("10.5"), "never more than was used on top of what was taken by hand"
    assert totals <= {Decimal("10.5"), Decimal(7)}
