"""The very moments at which a record may be sent again, or no more; what is left over is told."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.errors import Unavailable
from shared.metering.verdicts import HELD_FOR
from shared.openapi.usage_push import PushAnswer, UsageRecord
from shared.usage_limits import LATE_LIMIT, TIME
from tests.shared.metering.metered import Metered


@pytest.fixture
def world(tmp_path: Path) -> Metered:
    return Metered(tmp_path)


def held(world: Metered) -> datetime:
    """A record that the marketplace does not take yet; when its slot began."""
    sent: list[UsageRecord] = []

    def frozen(records: list[UsageRecord]) -> PushAnswer:
        sent.extend(records)
        return PushAnswer("94060999", 200, {record.metering_sn: "013" for record in records})

    world.take_in(world.event())
    world.hour_passes()
    world.api.fault = frozen
    assert world.upload()["held"] == 1
    world.api.fault = lambda records: None
    return datetime.strptime(sent[0].begin_time, TIME).replace(tzinfo=UTC)


@pytest.mark.parametrize(("waited", "accepted"), [(HELD_FOR - timedelta(seconds=1), 0), (HELD_FOR, 1)])
def test_what_is_held_is_sent_again_from_that_moment_on(world: Metered, waited: timedelta, accepted: int) -> None:
    held(world)
    world.clock.advance(waited)
    assert world.upload().get("accepted", 0) == accepted


@pytest.mark.parametrize(("late", "became"), [(timedelta(0), "accepted"), (timedelta(seconds=1), "dead")])
def test_what_is_too_late_by_a_second_is_given_up(world: Metered, late: timedelta, became: str) -> None:
    begin = held(world)
    world.clock.set(begin + LATE_LIMIT + late)
    counts = world.upload()
    assert {name: counts.get(name, 0) for name in ("accepted", "dead")} == {"accepted": 0, "dead": 0} | {became: 1}


def test_what_gets_no_answer_is_left_and_told_each_time(world: Metered) -> None:
    def away(_records: list[UsageRecord]) -> PushAnswer:
        raise Unavailable("no answer in time")

    world.take_in(world.event())
    world.hour_passes()
    world.api.fault = away
    assert world.upload()["left"] == 1
    once = world.api.calls
    assert world.upload()["left"] == 1
    assert world.api.calls == 2 * once, "who does not answer is not asked a second time in the same run"
    world.api.fault = lambda records: None
    assert world.upload()["accepted"] == 1
