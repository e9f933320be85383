"""Runs that overlap although they should not: on threads, without a lease, on each engine that is at hand."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from threading import Lock

import pytest

from shared.clock import Clock
from shared.metering.events import UsageEvent
from shared.openapi.usage_push import PushAnswer, UsageRecord
from shared.store.dynamodb import DynamoTables, administration, ensure_tables
from shared.store.postgresql.pool import Pool
from shared.store.postgresql.tables import PostgresTables
from shared.store.table import Tables
from tests.engines import ENVIRONMENT
from tests.fakes import FakeClock
from tests.postgresql import PostgresServer, database
from tests.shared.metering.market import START, Death, Metering
from tests.world import together

INSTANCES = 6


def run_together(world: Metering, rounds: int) -> None:
    """Use a little, let four runs upload at once, again and again."""
    taking = Lock()
    take = world.api._take
    world.api._take = lambda record: _alone(taking, take, record)  # type: ignore[method-assign]
    for number in range(INSTANCES):
        world.open(f"meter-{number}")
    for round_ in range(rounds):
        now = world.clock.now()
        world.use(
            *(UsageEvent(f"event-{round_}", f"meter-{number}", now, Decimal("1.00005")) for number in range(INSTANCES))
        )
        world.clock.advance(timedelta(minutes=20))
        together(4, lambda _: world.upload(batch=3))
    world.clock.advance(timedelta(hours=2))
    world.upload()


def _alone(lock: Lock, take: Callable[[UsageRecord], str | None], record: UsageRecord) -> str | None:
    with lock:
        return take(record)


def assert_exact(world: Metering, rounds: int) -> None:
    due = (Decimal("1.00005") * rounds).quantize(Decimal("0.0001"), "ROUND_FLOOR")
    assert {world.api.total(f"meter-{number}") for number in range(INSTANCES)} == {due}


def test_on_sqlite(tmp_path: Path) -> None:
    world = Metering(tmp_path)
    run_together(world, rounds=8)
    assert_exact(world, rounds=8)


@pytest.mark.engines
def test_on_dynamodb(tmp_path: Path, dynalite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the engine without transactions, where a write and what stands beside it come apart."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    ensure_tables(administration(dynalite), "overlap-")
    world = Metering(tmp_path, tables=_dynamo(FakeClock(START), dynalite))
    run_together(world, rounds=4)
    assert_exact(world, rounds=4)


@pytest.mark.engines
def test_on_postgresql(tmp_path: Path, postgresql_server: PostgresServer) -> None:
    with database(postgresql_server) as url, closing(Pool(lambda: url)) as pool:
        world = Metering(tmp_path, tables=PostgresTables("overlap-", FakeClock(START), pool))
        run_together(world, rounds=4)
        assert_exact(world, rounds=4)


def _dynamo(clock: Clock, endpoint: str) -> Tables:
    return DynamoTables("overlap-", clock, endpoint=endpoint)


def test_a_marketplace_that_answers_late_is_asked_twice_and_bills_once(tmp_path: Path) -> None:
    world = Metering(tmp_path)
    world.open("meter")
    world.use(UsageEvent("event", "meter", world.clock.now(), Decimal(1)))
    world.clock.advance(timedelta(hours=1))

    def meanwhile(records: list[UsageRecord]) -> PushAnswer | None:
        world.api.fault = lambda records: None
        world.upload()
        return None

    world.api.fault = meanwhile
    world.upload()

    assert world.api.total("meter") == 1
    assert world.api.calls == 2


def test_a_run_that_was_overtaken_does_not_take_the_others_success_for_a_strangers(tmp_path: Path) -> None:
    world = Metering(tmp_path)
    world.open("meter")
    world.use(UsageEvent("event", "meter", world.clock.now(), Decimal(1)))
    world.clock.advance(timedelta(hours=1))

    def die() -> bool:
        raise Death

    def meanwhile(records: list[UsageRecord]) -> PushAnswer | None:
        world.api.fault, world.api.lose = (lambda records: None), die
        with pytest.raises(Death):
            world.upload()
        world.api.lose = lambda: False
        return None

    world.api.fault = meanwhile
    world.upload()
    world.upload()

    assert world.api.total("meter") == 1
    assert world.api.calls == 3
