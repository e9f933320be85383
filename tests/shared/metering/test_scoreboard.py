"""Six faults under which a comparable system loses or doubles usage: here each total is exact."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from shared.errors import Unavailable
from shared.metering.events import UsageEvent
from shared.openapi.usage_push import PushAnswer, UsageRecord
from tests.shared.metering.market import Metering


@pytest.fixture
def world(tmp_path: Path) -> Metering:
    return Metering(tmp_path)


def used(world: Metering, instances: int, events: int, value: str = "1", prefix: str = "event") -> None:
    """``events`` of ``value`` in each of ``instances``."""
    for number in range(instances):
        world.open(f"meter-{number}")
    now = world.clock.now()
    world.use(
        *(
            UsageEvent(f"{prefix}-{index}", f"meter-{number}", now, Decimal(value))
            for number in range(instances)
            for index in range(events)
        )
    )


def billed(world: Metering) -> Decimal:
    return sum((record.usage_value for record in world.api.accepted.values()), Decimal(0))


def hour_passes(world: Metering) -> None:
    world.clock.advance(timedelta(hours=1, minutes=5))


def test_a_many_instances(world: Metering) -> None:
    used(world, instances=100, events=20)
    hour_passes(world)
    world.upload()

    assert billed(world) == 2000


def test_b_one_throttled_call(world: Metering) -> None:
    answers = [PushAnswer("0250", 406)]
    world.api.fault = lambda records: answers.pop() if answers else None
    used(world, instances=4, events=10)
    hour_passes(world)
    world.upload()

    assert billed(world) == 40


def test_c_records_refused_for_now(world: Metering) -> None:
    def once(records: list[UsageRecord]) -> PushAnswer | None:
        world.api.fault = lambda records: None
        return PushAnswer("94060999", 200, {record.metering_sn: "013" for record in records})

    world.api.fault = once
    used(world, instances=4, events=10)
    hour_passes(world)
    world.upload()
    hour_passes(world)
    world.upload()

    assert billed(world) == 40


def test_d_a_run_before_the_last_one_was_answered(world: Metering) -> None:
    def lost() -> bool:
        world.api.lose = lambda: False
        return True

    used(world, instances=4, events=10)
    hour_passes(world)
    world.api.lose = lost
    world.upload(seconds=0.01)
    used(world, instances=10, events=1, prefix="fresh")
    hour_passes(world)
    world.upload()

    assert billed(world) == 50


def test_e_more_meters_than_one_call_takes(world: Metering) -> None:
    world.api.limit = 7
    used(world, instances=30, events=1)
    hour_passes(world)
    world.upload()

    assert billed(world) == 30


def test_f_a_backlog_of_any_size(world: Metering) -> None:
    world.shards = 8
    used(world, instances=800, events=10, value="6")
    hour_passes(world)
    for _ in range(3):
        world.upload(batch=100)

    assert billed(world) == 48_000
    assert {record.begin_time for record in world.api.accepted.values()} == {"20261101T000000Z"}


def test_an_outage_loses_nothing(world: Metering) -> None:
    def down(records: list[UsageRecord]) -> PushAnswer | None:
        raise Unavailable("no connection")

    world.api.fault = down
    used(world, instances=5, events=2)
    for _ in range(3):
        hour_passes(world)
        world.upload(seconds=5)
    assert billed(world) == 0

    world.api.fault = lambda records: None
    world.upload()
    assert billed(world) == 10
