"""What was used before a release of which the marketplace knows earlier than the bundle."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from shared.metering.slots import slot_of
from shared.openapi.usage_push import PushAnswer, UsageRecord
from shared.usage_limits import TIME
from tests.shared.metering.metered import METER, Metered


@pytest.fixture
def world(tmp_path: Path) -> Metered:
    made = Metered(tmp_path)
    made.clock.set(made.clock.now().replace(minute=5))
    return made


def closed(world: Metered, closed_at: datetime) -> None:
    """The marketplace knows that the instance was closed then."""

    def fault(records: list[UsageRecord]) -> PushAnswer | None:
        late = {record.metering_sn: "011" for record in records if record.end_time > f"{closed_at:{TIME}}"}
        return PushAnswer("94060999", 200, late) if late else None

    world.api.fault = fault


def windows(world: Metered) -> list[tuple[str, str]]:
    return [(record.begin_time, record.end_time) for record in world.api.accepted.values()]


def test_the_repaired_record_ends_with_the_last_use(world: Metered) -> None:
    used_at = world.clock.now()
    world.take_in(world.event("a", "1.5", used_at - timedelta(minutes=1)), world.event("b", "2", used_at))
    closed(world, used_at + timedelta(minutes=5))
    world.hour_passes()
    assert world.upload()["replaced"] == 1
    world.upload()
    assert world.billed == Decimal("3.5")
    assert windows(world) == [
        (f"{slot_of(used_at, daily=False).begin:{TIME}}", f"{used_at + timedelta(seconds=1):{TIME}}")
    ]


def test_records_of_a_slot_keep_windows_of_their_own(world: Metered) -> None:
    used_at = world.clock.now()
    closed(world, used_at + timedelta(minutes=5))
    world.take_in(world.event("a", "1", used_at))
    world.hour_passes()
    world.upload()
    world.take_in(world.event("b", "2", used_at))
    for _ in range(3):
        world.clock.advance(timedelta(minutes=15))
        world.upload()
    assert world.billed == Decimal(3)
    assert len(set(windows(world))) == 2


def test_what_was_used_after_the_close_is_given_up_after_a_few_repairs(world: Metered) -> None:
    used_at = world.clock.now()
    world.take_in(world.event("a", "1", used_at))
    closed(world, used_at - timedelta(minutes=1))
    world.hour_passes()
    counts = [world.upload() for _ in range(8)]
    assert sum(count.get("replaced", 0) for count in counts) == 5
    assert sum(count.get("dead", 0) for count in counts) == 1
    sent = {
        (record.begin, record.end) for record in world.app.billing_records.of_slot(METER, slot_of(used_at, daily=False))
    }
    assert len(sent) == 6, "no window was tried twice"
