"""Usage cannot be uploaded, or nobody uploads it: it is told of, and what is billed is what would have been."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from shared.errors import Unavailable
from shared.openapi.usage_push import PushAnswer
from shared.server.schedule import TIMERS
from shared.server.timekeeper import run_due
from tests.faults.healed import HOUR, Seen, swept
from tests.logs import LogLines
from tests.shared.metering.metered import METER, Metered

(METERING,) = (timer for timer in TIMERS if timer.name == "metering")
VALUES = ("1.5", "2", "0.25")


def down(*_: object) -> PushAnswer:
    raise Unavailable("does not answer")


FAULTS: Mapping[str, Callable[..., PushAnswer]] = {"down": down, "refuses": lambda _records: PushAnswer("0154", 401)}


def used(world: Metered, *, timer: bool = True) -> None:
    """Three hours of use, metered by the timer of the server unless that is switched off."""
    metered(world)
    for number, value in enumerate(VALUES):
        world.take_in(world.event(f"event-{number}", value))
        world.clock.advance(HOUR)
        if timer:
            assert run_due(world.app, METERING, lambda: False)


def metered(world: Metered) -> None:
    world.clock.advance(HOUR)
    assert run_due(world.app, METERING, lambda: False)


@pytest.fixture
def world(tmp_path: Path) -> Metered:
    return Metered(tmp_path, {"KOOGALLERY_SHARDS": "1"})


@pytest.fixture
def without(tmp_path: Path) -> dict[str, Decimal]:
    """What is billed without a fault, by hour."""
    folder = tmp_path / "without"
    folder.mkdir()
    world = Metered(folder, {"KOOGALLERY_SHARDS": "1"})
    used(world)
    metered(world)
    assert world.billed == sum(map(Decimal, VALUES))
    return billed(world)


def billed(world: Metered) -> dict[str, Decimal]:
    return {each.begin_time: each.usage_value for each in world.api.accepted.values() if each.instance_id == METER}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_usage_api_that_is_away(
    without: dict[str, Decimal], world: Metered, seen: Seen, log_lines: LogLines, fault: str
) -> None:
    world.api.fault = FAULTS[fault]
    used(world)
    metered(world)
    assert seen("koogallery_oldest_usage_seconds") >= 7200
    assert bool(log_lines("the usage API refuses this seller: check keys and clock")) == (fault == "refuses")
    assert billed(world) == {}
    world.api.fault = lambda _records: None
    metered(world)
    assert billed(world) == without
    assert seen("koogallery_oldest_usage_seconds") == 0


def test_a_timer_that_is_off(without: dict[str, Decimal], world: Metered, seen: Seen) -> None:
    used(world, timer=False)
    assert swept(world) == {"schedule.silent"}
    assert seen("koogallery_findings") == 1
    assert seen('koogallery_runs_total{interface="metering"}') == 1, "the one before it was switched off"
    metered(world)
    assert swept(world) == set()
    assert seen("koogallery_findings") == 0
    assert billed(world) == without
