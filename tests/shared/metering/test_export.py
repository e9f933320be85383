"""``koogallery usage export``: every event and record once, as a stream."""

import csv
import json
import tracemalloc
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest

from emulator.commands.cli import main
from shared.metering.export import Selection, exported
from tests.shared.metering.metered import METER, Metered


@pytest.fixture
def world(tmp_path: Path) -> Metered:
    made = Metered(tmp_path)
    made.sell("meter-2")
    made.take_in(made.event("e1"), made.event("e2", "0.5"), made.event("e3", "2", instanceId="meter-2"))
    made.hour_passes()
    made.upload()
    return made


@pytest.mark.usefixtures("world")
def test_events_and_records_of_a_month(capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["usage", "export", "--month", "2026-11"]) == 0
    rows = list(map(json.loads, capsys.readouterr().out.splitlines()))
    told = sorted((each["kind"], each["instanceId"], Decimal(each["value"])) for each in rows)
    assert told == [
        ("event", METER, Decimal("0.5")),
        ("event", METER, Decimal("1.5")),
        ("event", "meter-2", Decimal(2)),
        ("record", METER, Decimal(2)),
        ("record", "meter-2", Decimal(2)),
    ]
    assert {each["state"] for each in rows if each["kind"] == "record"} == {"ACCEPTED"}
    assert main(["usage", "export", "--month", "2026-10"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("world")
def test_csv_of_an_instance(capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["usage", "export", "--instance", "meter-2", "--csv"]) == 0
    rows = list(csv.DictReader(StringIO(capsys.readouterr().out)))
    assert [(each["kind"], each["value"]) for each in rows] == [("event", "2"), ("record", "2")]
    assert main(["usage", "export"]) == 2
    assert main(["usage", "export", "--month", "November"]) == 2


def test_the_month_is_beijing_s(world: Metered) -> None:
    world.clock.set(datetime(2026, 11, 30, 16, 30, tzinfo=UTC))
    world.take_in(world.event("e9", "7"))
    december = list(exported(world.app, Selection(month="2026-12")))
    assert [each["value"] for each in december] == ["7"]


def test_memory_does_not_grow_with_what_there_is(world: Metered) -> None:
    def peak() -> int:
        tracemalloc.start()
        assert sum(1 for _ in exported(world.app, Selection(METER))) > 0
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    def more(count: int, first: int) -> None:
        for start in range(first, first + count, 500):
            world.take_in(*(world.event(f"more-{start + number}") for number in range(500)))

    more(1000, 0)
    some = peak()
    world.clock.advance(timedelta(seconds=1))
    more(5000, 1000)
    assert peak() < 1.5 * some
