"""``koogallery orders``: the month's usage beside its orders, and beside the marketplace's own bill."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from emulator.commands.cli import main
from emulator.openapi.usage.bill import CollectedLine, as_csv
from tests.shared.metering.metered import METER, Metered


@pytest.fixture
def world(tmp_path: Path) -> Metered:
    made = Metered(tmp_path)
    made.sell("meter-2")
    made.take_in(made.event("e1", "0.0001"), made.event("e2", "1234567.1234"))
    made.take_in(made.event("e3", "2.5", instanceId="meter-2"))
    made.hour_passes()
    made.upload()
    made.take_in(made.event("e4", "0.1"))
    made.hour_passes()
    made.upload()
    made.take_in(made.event("e5", "7"))  # not billed yet
    return made


def lines(world: Metered) -> list[CollectedLine]:
    """The marketplace's bill: what it has accepted."""
    records = world.api.accepted.values()
    return [CollectedLine(r.instance_id, r.begin_time, r.end_time, r.usage_value, "", "") for r in records]


def bill(world: Metered, tmp_path: Path, replaced: tuple[str, str] = ("7.7", "7.7")) -> list[str]:
    (tmp_path / "bill.csv").write_text(as_csv(lines(world)).replace(*replaced), encoding="utf-8")
    return ["--bill", str(tmp_path / "bill.csv")]


def told(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    capsys.readouterr()
    assert main(["orders", "--month", "2026-11", *arguments]) == status
    return capsys.readouterr().out


def test_it_equals_the_bill_to_the_last_digit(
    world: Metered, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(told(capsys, "--json", *bill(world, tmp_path)))
    quantities = {each["instanceId"]: Decimal(each["quantity"]) for each in document["usage"]}
    sums: dict[str, Decimal] = {}
    for line in lines(world):
        sums[line.instance_id] = sums.get(line.instance_id, Decimal(0)) + line.usage_value
    assert quantities == sums == {METER: Decimal("1234567.2235"), "meter-2": Decimal("2.5")}
    assert document["usageDifferences"] == []
    assert "differences" not in document


def test_a_bill_with_other_usage(world: Metered, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = bill(world, tmp_path, ("2.5", "2.4"))
    document = json.loads(told(capsys, "--json", *asked, status=1))
    assert document["usageDifferences"] == [{"instanceId": "meter-2", "accepted": "2.5", "billed": "2.4"}]
    told(capsys, *asked, status=1)


@pytest.mark.usefixtures("world")
def test_spreadsheets_and_people_get_a_section_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    section = told(capsys, "--csv").split("\n\n")[1]
    assert {row["instanceId"]: row["quantity"] for row in csv.DictReader(io.StringIO(section))} == {
        METER: "1234567.2235",
        "meter-2": "2.5",
    }
    assert "1234567.2235" in told(capsys)


def test_a_month_begins_at_midnight_in_beijing(world: Metered, capsys: pytest.CaptureFixture[str]) -> None:
    midnight = datetime(2026, 10, 31, 16, tzinfo=UTC)
    before, after = midnight - timedelta(minutes=1), midnight + timedelta(minutes=1)
    world.take_in(world.event("old", "3", before), world.event("new", "0.4", after))
    world.upload()
    used = {}
    for month in ("2026-10", "2026-11", "2026-12"):
        assert main(["orders", "--month", month, "--json"]) == 0
        used[month] = {each["instanceId"]: each["quantity"] for each in json.loads(capsys.readouterr().out)["usage"]}
    assert used == {"2026-10": {METER: "3"}, "2026-11": {METER: "1234567.6235", "meter-2": "2.5"}, "2026-12": {}}
