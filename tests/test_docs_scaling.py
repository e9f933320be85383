"""What the page on scaling says was measured, measured again."""

from datetime import timedelta
from pathlib import Path

import pytest

from shared.metering.intake import take_in
from shared.store.sqlite.table import SqliteTables
from tests.pages import Page, both, named
from tests.shared.metering.metered import Metered
from tests.shared.metering.units import MeasuredTables, Units

pytestmark = pytest.mark.docs

INSTANCES = [f"{number:032x}" for number in range(100)]


@pytest.fixture
def world(tmp_path: Path) -> Metered:
    """A hundred instances in one shard, at the beginning of an hour."""
    world = Metered(tmp_path, {"KOOGALLERY_SHARDS": "1"})
    for instance_id in INSTANCES:
        world.sell(instance_id)
    world.clock.set(world.clock.now().replace(minute=0) + timedelta(hours=1))
    return world


@pytest.mark.parametrize("each", both("docs/scaling"), ids=named)
def test_requests_and_units_are_those_that_are_counted(world: Metered, each: Page) -> None:
    (rows,) = [table[1:] for table in each.tables if table[1][1] == "0.1"]
    shown = [[float(cell) for cell in row[1:]] for row in rows]
    sqlite = world.tables

    intake, one = hours(world, MeasuredTables(sqlite), events=1)
    _, twelve = hours(world, MeasuredTables(sqlite), events=12)

    assert shown == [costs(intake), costs(one), costs(twelve)]


def hours(world: Metered, tables: MeasuredTables, events: int) -> tuple[Units, Units]:
    """Two hours of use and upload: what intake and upload of the second cost."""
    world.tables = tables  # type: ignore[assignment]
    world.restarted()
    for hour in range(2):
        begin = world.clock.now().replace(minute=0)
        tables.units = Units()
        for part in range(events):
            # Runs of the hour before come first, up to minute 12.
            world.clock.set(begin + timedelta(minutes=12 + 48 / events * part))
            used = [world.event(f"event-{events}-{hour}-{part:02}", instanceId=each) for each in INSTANCES]
            assert take_in(world.app, used).accepted == len(INSTANCES)
        intake, tables.units = tables.units, Units()
        world.clock.set(begin + timedelta(hours=1, minutes=2))
        assert world.upload()["accepted"] == len(INSTANCES)
    return intake, tables.units


def costs(units: Units) -> list[float]:
    """Requests, read and write units per instance."""
    requests, *others = (sum(each.values()) / len(INSTANCES) for each in (units.requests, units.reads, units.writes))
    return [round(requests, 1), *map(round, others)]


def test_units_are_counted_as_dynamodb_documents_them(tmp_path: Path, world: Metered) -> None:
    tables = MeasuredTables(SqliteTables(str(tmp_path / "units.sqlite"), world.clock))
    table, units = tables.table("usage"), tables.units

    stored = table.create({"pk": "p", "sk": "s", "text": "x" * 1024})
    assert (units.writes["usage"], units.reads["usage"]) == (2, 0), "names count, so it is over 1 KB"
    stored = table.replace(stored | {"text": ""})
    assert units.writes["usage"] == 2 + 2, "the larger of old and new"
    table.get("p", "absent")
    table.query("p")
    assert units.reads["usage"] == 2, "nothing is free"
    table.put_many([{"pk": "p", "sk": str(number)} for number in range(26)])
    assert (units.writes["usage"], units.operations["usage", "put_many"]) == (4 + 26, 2)
    table.get_many([("p", str(number)) for number in range(101)])
    assert (units.reads["usage"], units.operations["usage", "get_many"]) == (2 + 101, 2)
    table.delete(stored)
    assert units.writes["usage"] == 30 + 1
