"""``koogallery redrive usage``: what was given up is billed after all, and only once."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from shared.instance.lookup import happened
from shared.openapi.usage_push import PushAnswer, UsageRecord
from tests.command_line import said
from tests.shared.metering.metered import METER, Metered
from tests.test_crash_points import Death, Mortal, revive


def refused(records: Sequence[UsageRecord]) -> PushAnswer:
    return PushAnswer("94060999", 200, {record.metering_sn: "004" for record in records})


def dead(folder: Path) -> Metered:
    """A seller whose record was refused for good."""
    world = Metered(folder)
    world.take_in(world.event())
    world.hour_passes()
    world.api.fault = refused
    assert world.upload()["dead"] == 1
    world.api.fault = lambda _records: None
    return world


def test_it_is_billed_by_the_next_run(tmp_path: Path) -> None:
    world = dead(tmp_path)
    assert said("redrive", "usage", "--dry-run") == [
        {"what": "redrive-usage", "result": "would", "instanceId": METER, "reason": "004"}
    ]
    world.upload()
    assert world.billed == 0
    assert said("redrive", "usage", "another") == []
    assert said("redrive", "usage", METER) == [{"what": "redrive-usage", "result": "done", "instanceId": METER}]
    assert said("redrive", "usage") == []
    world.upload()
    assert world.billed == Decimal("1.5")
    assert [(each.what, each.reason, each.by) for each in happened(world.app, METER)][-1] == (
        "redrive",
        "004",
        "redrive",
    )


def test_what_had_arrived_is_not_billed_twice(tmp_path: Path) -> None:
    world = Metered(tmp_path)
    world.take_in(world.event())
    world.hour_passes()

    def taken_and_refused(records: Sequence[UsageRecord]) -> PushAnswer:
        world.api.fault = lambda _records: None
        world.api.push(records, None)  # type: ignore[arg-type]
        return refused(records)

    world.api.fault = taken_and_refused
    assert world.upload()["dead"] == 1
    said("redrive", "usage")
    assert world.upload()["accepted"] == 1
    assert world.billed == Decimal("1.5")


def test_what_is_too_old_stays_dead(tmp_path: Path) -> None:
    world = dead(tmp_path)
    world.clock.advance(timedelta(days=22))
    assert said("redrive", "usage", code=1)[0]["reason"] == "too-late"


@pytest.mark.parametrize("fatal", range(8))
def test_killed_anywhere_and_run_again(tmp_path: Path, fatal: int) -> None:
    world = dead(tmp_path)
    Mortal(world, fatal)
    try:
        said("redrive", "usage")
    except Death:
        revive(world)
        said("redrive", "usage")
    world.tables.before = world.tables.after = lambda _table, _method: None
    world.upload()
    assert world.billed == Decimal("1.5")
    assert [each.what for each in happened(world.app, METER)].count("redrive") == 1
