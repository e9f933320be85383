"""The scheduled upload where the store is far away: a few shards are worked on at a time, the usage API is called by
one.
"""

from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from threading import Barrier, Lock, current_thread

import pytest

from functions.metering import SHARDS_AT_ONCE
from shared.errors import Unavailable
from shared.openapi.usage_push import PushAnswer, UsageRecord
from shared.store.dynamodb import DynamoTables, administration, ensure_tables
from shared.store.postgresql.pool import Pool
from shared.store.postgresql.tables import PostgresTables
from shared.store.sqlite.table import SqliteTables
from shared.store.table import Tables
from tests.engines import ENVIRONMENT, ministack
from tests.fakes import FakeClock
from tests.logs import LogLines
from tests.postgresql import PostgresServer, database
from tests.shared.metering.market import Death
from tests.shared.metering.metered import Metered

INSTANCES = [f"meter-{number:02}" for number in range(40)]
SHARDS = 8


class Distant(SqliteTables):
    """SQLite that says of itself what an engine behind a network does."""

    remote = True


@pytest.fixture
def world(tmp_path: Path) -> Metered:
    return hour_of_use(tmp_path, Distant(str(tmp_path / "distant.sqlite"), FakeClock(), synchronous="OFF"))


def hour_of_use(folder: Path, tables: Tables) -> Metered:
    world = Metered(folder, {"KOOGALLERY_SHARDS": str(SHARDS)}, tables)
    for instance_id in INSTANCES:
        world.sell(instance_id)
        world.take_in(world.event(instanceId=instance_id))
    world.clock.advance(timedelta(hours=1, minutes=2))
    return world


def dies_at(world: Metered, fatal: int) -> None:
    """At its call number ``fatal`` to the store or the usage API the process ends, with all its threads."""
    calls, alone = count(), Lock()

    def live(*_call: object) -> None:
        with alone:
            if next(calls) >= fatal:
                raise Death

    world.tables.before = world.tables.after = world.api.fault = live


def billed(world: Metered) -> set[Decimal]:
    return {world.api.total(instance_id) for instance_id in INSTANCES}


def test_a_few_shards_are_worked_on_at_a_time(world: Metered) -> None:
    everybody, threads = Barrier(SHARDS_AT_ONCE), set()

    def wait(table: str, method: str) -> None:
        if (table, method) == ("usage", "query") and current_thread() not in threads:
            threads.add(current_thread())
            everybody.wait(10)

    world.tables.before = wait
    counts = world.upload()
    assert len(threads) == SHARDS_AT_ONCE
    assert billed(world) == {Decimal("1.5")}
    assert (counts["sealed"], counts["accepted"], counts["calls"]) == (40, 40, SHARDS)
    assert world.upload() == {"oldest_seconds": 0}


def test_the_usage_api_is_called_for_one_at_a_time(world: Metered) -> None:
    calling = Lock()

    def push(_records: list[UsageRecord]) -> PushAnswer | None:
        assert calling.acquire(blocking=False), "two calls at a time"
        world.clock.advance(1)
        calling.release()
        return None

    world.api.fault = push
    assert world.upload()["accepted"] == len(INSTANCES)


def test_what_is_refused_to_one_shard_is_not_asked_for_another(world: Metered, log_lines: LogLines) -> None:
    world.api.fault = lambda _records: PushAnswer("0154", 401)
    counts = world.upload()
    assert (counts["stopped"], counts["calls"]) == (1, 1)
    assert len([line for line in log_lines() if "refuses this seller" in str(line["message"])]) == 1

    world.api.fault = lambda _records: None
    assert world.upload()["accepted"] == len(INSTANCES)
    assert billed(world) == {Decimal("1.5")}


def test_a_shard_that_fails_keeps_no_other_from_being_billed(world: Metered) -> None:
    failing = world.app.usage_events.shard_of(INSTANCES[0])
    adopted = world.app.billing_records.open_keys

    def open_keys(shard: int) -> object:
        if shard == failing:
            raise Unavailable("the store is away")
        return adopted(shard)

    world.app.billing_records.open_keys = open_keys  # type: ignore[method-assign, assignment]
    with pytest.raises(Unavailable):
        world.upload()
    shard_of = world.app.usage_events.shard_of
    done = {instance_id for instance_id in INSTANCES if world.api.total(instance_id)}
    assert done == {instance_id for instance_id in INSTANCES if shard_of(instance_id) != failing}

    world.app.billing_records.open_keys = adopted  # type: ignore[method-assign]
    world.upload()
    assert billed(world) == {Decimal("1.5")}


def test_a_death_with_several_shards_at_work_loses_nothing_and_bills_nothing_twice(world: Metered) -> None:
    """Run after run dies, each a little later, until one comes to its end."""
    deaths = 0
    for fatal in range(0, 1000, 7):
        dies_at(world, fatal)
        try:
            world.upload()
        except Death:
            deaths += 1
        else:
            break
        world.clock.advance(timedelta(minutes=16))
    assert deaths > 10
    world.tables.before = world.tables.after = lambda table, method: None
    world.api.fault = lambda records: None
    world.clock.advance(timedelta(minutes=16))
    world.upload()
    assert billed(world) == {Decimal("1.5")}
    assert not any(list(world.app.billing_records.open_keys(shard)) for shard in range(SHARDS))


@pytest.mark.engines
def test_on_dynamodb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with ministack() as endpoint:
        ensure_tables(administration(endpoint), "shards-")
        assert_all_is_billed(hour_of_use(tmp_path, DynamoTables("shards-", FakeClock(), endpoint)))


@pytest.mark.engines
def test_on_postgresql(tmp_path: Path, postgresql_server: PostgresServer) -> None:
    with database(postgresql_server) as url, closing(Pool(lambda: url)) as pool:
        assert_all_is_billed(hour_of_use(tmp_path, PostgresTables("shards-", FakeClock(), pool)))


def assert_all_is_billed(world: Metered) -> None:
    assert world.upload()["accepted"] == len(INSTANCES)
    assert billed(world) == {Decimal("1.5")}
    assert world.upload() == {"oldest_seconds": 0}
