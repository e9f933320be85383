"""How long a record waits for an instance that the marketplace does not know."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from shared.openapi.usage_push import PushAnswer, UsageRecord
from tests.shared.metering.metered import Metered

HOLD = timedelta(minutes=11)


@pytest.fixture
def world(tmp_path: Path) -> Metered:
    return Metered(tmp_path)


def refused(code: str) -> Callable[[list[UsageRecord]], PushAnswer | None]:
    return lambda records: PushAnswer("94060999", 200, {record.metering_sn: code for record in records})


def test_a_record_that_waited_for_days_is_not_given_up_at_the_first_unknown_instance(world: Metered) -> None:
    world.take_in(world.event())
    world.hour_passes()
    world.api.fault = refused("013")  # frozen, for two days
    assert world.upload()["held"] == 1
    world.clock.advance(timedelta(days=2))
    world.api.fault = refused("001")
    assert world.upload()["held"] == 1
    world.clock.advance(HOLD)
    world.api.fault = lambda records: None
    assert world.upload()["accepted"] == 1


def test_an_instance_that_stays_unknown_for_a_day_is_given_up(world: Metered) -> None:
    world.take_in(world.event())
    world.hour_passes()
    world.api.fault = refused("001")
    assert world.upload()["held"] == 1
    world.clock.advance(timedelta(hours=23))
    assert world.upload()["held"] == 1
    world.clock.advance(timedelta(hours=2))
    assert world.upload()["dead"] == 1


def test_the_day_begins_anew_if_something_else_was_wrong_in_between(world: Metered) -> None:
    world.take_in(world.event())
    world.hour_passes()
    for code in ("001", "013", "001"):
        world.api.fault = refused(code)
        assert world.upload()["held"] == 1
        world.clock.advance(timedelta(hours=23))
    world.api.fault = lambda records: None
    assert world.upload()["accepted"] == 1
