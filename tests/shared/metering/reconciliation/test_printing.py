"""``koogallery reconcile``: the store and the marketplace's bill, side by side."""

import csv
import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from emulator.commands.cli import main
from shared.metering.reconciliation.printing import reconciled, with_something_pending, with_something_sealed
from shared.openapi.usage_push import PushAnswer
from tests.shared.metering.metered import METER, Metered

TODAY = date(2026, 11, 20)
DAYS = ["--from", "2026-11-19", "--to", "2026-11-21"]


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Metered:
    return made(tmp_path, capsys)


def made(folder: Path, capsys: pytest.CaptureFixture[str], **settings: str) -> Metered:
    world = Metered(folder, settings)
    capsys.readouterr()  # log lines
    return world


def days(world: Metered, instance_id: str = METER, first: date = TODAY, last: date = TODAY) -> Any:
    return list(reconciled(world.app, instance_id, first, last))


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    capsys.readouterr()
    code = main(["reconcile", *arguments])
    return code, capsys.readouterr().out


def bill(world: Metered, file: Path, **changed: str) -> str:
    """What the marketplace accepted, as an export; ``changed`` values by instance id."""
    with file.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(["实例ID", "开始时间", "结束时间", "使用量"])
        for record in world.api.accepted.values():
            value = changed.get(record.instance_id, record.usage_value)
            writer.writerow([record.instance_id, record.begin_time, record.end_time, value])
    return str(file)


def test_a_day_with_everything(world):
    now = world.clock.now()
    world.take_in(world.event("a", "1.5"), world.event("b", "2", time=now - timedelta(hours=8)))
    assert [(day.ingested, day.billed, day.pending) for day in days(world)] == [(Decimal("3.5"), 0, Decimal("3.5"))]
    world.hour_passes()
    world.upload()
    world.take_in(world.event("late", "4", time=now))
    world.hour_passes()
    world.upload()
    world.take_in(world.event("new", "8"))
    [day] = days(world)
    assert (day.ingested, day.billed, day.accepted, day.late) == (Decimal("15.5"), Decimal("7.5"), Decimal("7.5"), 4)
    assert (day.pending, day.pending_since) == (8, world.clock.now().replace(minute=0) + timedelta(hours=1))


def test_each_day_is_a_utc_day(world):
    midnight = world.clock.now().replace(hour=0, minute=0)
    times = [midnight - timedelta(days=1), midnight - timedelta(seconds=1), midnight]
    world.take_in(*(world.event(f"e{number}", "1", time=time) for number, time in enumerate(times)))
    world.hour_passes()
    world.upload()
    found = days(world, first=date(2026, 11, 18), last=date(2026, 11, 21))
    assert [(day.day.day, day.accepted) for day in found] == [(19, 2), (20, 1)]


def test_refused_and_held_records(world):
    world.api.fault = lambda records: PushAnswer("94060999", 200, {records[0].metering_sn: "006"})
    world.take_in(world.event("a", "1"))
    world.hour_passes()
    world.upload()
    assert [(day.refused, day.pending) for day in days(world)] == [({"006": 1}, 0)]


def test_a_daily_product(tmp_path, capsys):
    world = made(tmp_path, capsys, KOOGALLERY_DAILY_PRODUCTS="OFFI1")
    world.take_in(world.event("a", "1.5"))
    world.clock.advance(timedelta(hours=9))
    world.upload()
    yesterday = TODAY - timedelta(days=1)
    assert [(day.day, day.accepted) for day in days(world, first=yesterday)] == [(yesterday, Decimal("1.5"))]


def test_a_daily_products_bill_belongs_to_the_day_its_record_does(tmp_path, capsys):
    """Started at 08:30, so its first window begins on the next UTC day."""
    world = made(tmp_path, capsys, KOOGALLERY_DAILY_PRODUCTS="OFFI1")
    world.sell("fresh")
    world.take_in(world.event("a", "1.5", instanceId="fresh"))
    world.clock.advance(timedelta(hours=9))
    world.upload()
    file = bill(world, tmp_path / "bill.csv")
    for first, rows in (("2026-11-19", 1), ("2026-11-20", 0)):
        code, out = run(capsys, "--from", first, "--to", "2026-11-21", "--bill", file, "--json")
        assert (code, len(json.loads(out)["days"])) == (0, rows)


def test_whom_it_looks_at(world, tmp_path, capsys):
    for name in ("idle", "waiting", "done"):
        world.sell(name)
    world.take_in(world.event(instanceId="done"))
    world.hour_passes()
    world.upload()
    assert with_something_pending(world.app) == set()
    world.take_in(world.event(instanceId="waiting"))
    world.clock.advance(600)
    assert with_something_pending(world.app) == {"waiting"}
    world.api.fault = lambda records: PushAnswer("0250", 406)
    world.hour_passes()
    world.upload()
    assert with_something_pending(world.app) == {"waiting"}

    def seen(*arguments: str) -> list[str]:
        return [day["instanceId"] for day in json.loads(run(capsys, *DAYS, "--json", *arguments)[1])["days"]]

    assert seen() == ["done", "waiting"]
    assert seen("--from", "2026-11-21") == [], "nothing of these days"
    assert seen("--bill", bill(world, tmp_path / "bill.csv")) == ["done", "waiting"]
    assert seen("--instance", "done", "--instance", "idle") == ["done"]
    (tmp_path / "ids").write_text("waiting\ndone\n\n")
    assert seen("--instances-file", str(tmp_path / "ids")) == ["done", "waiting"]


def used(world: Metered) -> None:
    world.sell("meter-2")
    world.take_in(world.event("a", "1.5"), world.event("b", "2", instanceId="meter-2"))
    world.hour_passes()
    world.upload()


def test_a_bill_that_agrees(world, tmp_path, capsys):
    used(world)
    code, out = run(capsys, *DAYS, "--bill", bill(world, tmp_path / "bill.csv"))
    assert (code, "!" in out) == (0, False)
    assert [line.split() for line in out.splitlines()] == [
        ["instance", "day", "ingested", "billed", "accepted", "refused", "late", "pending", "for", "bill", "drift"],
        [METER, "2026-11-20", "1.5", "1.5", "1.5", "0", "0", "0", "1.5", "0"],
        ["meter-2", "2026-11-20", "2", "2", "2", "0", "0", "0", "2", "0"],
    ]


def test_a_bill_that_drifts(world, tmp_path, capsys):
    used(world)
    file = bill(world, tmp_path / "bill.csv", **{"meter-2": "1.75"})
    code, out = run(capsys, *DAYS, "--bill", file)
    assert (code, [line.split()[0] for line in out.splitlines() if line.endswith("!")]) == (1, ["meter-2"])
    code, out = run(capsys, *DAYS, "--bill", file, "--json")
    members = json.loads(out)
    assert (code, members["from"], members["to"], members["drifting"]) == (1, "2026-11-19", "2026-11-21", 1)
    assert [(day["instanceId"], day["drift"]) for day in members["days"]] == [(METER, "0"), ("meter-2", "-0.25")]


def test_a_bill_that_lacks_something_and_has_something_of_nobody(world, tmp_path, capsys):
    used(world)
    file = tmp_path / "bill.csv"
    file.write_text("Who,From,Until,How much\nstranger,2026-11-20 08:00:00,2026-11-20 09:00:00,3\n", encoding="gbk")
    options = ["--bill", str(file), "--bill-encoding", "gbk", "--bill-utc-offset", "0"]
    options += ["--columns", "instance=Who,begin=From,end=Until,value=How much"]
    code, out = run(capsys, *DAYS, "--instance", METER, "--instance", "stranger", "--json", *options)
    assert code == 1
    assert [(day["instanceId"], day["drift"]) for day in json.loads(out)["days"]] == [
        (METER, "-1.5"),
        ("stranger", "3"),
    ]


@pytest.mark.parametrize("content", ["实例ID,开始时间,结束时间,使用量\n", "", "\n\t\n"])
def test_an_empty_bill_lacks_everything(world, tmp_path, capsys, content):
    used(world)
    file = tmp_path / "bill.csv"
    file.write_text(content)
    code, out = run(capsys, *DAYS, "--bill", str(file))
    assert (code, [line.split()[0] for line in out.splitlines() if line.endswith("!")]) == (1, [METER, "meter-2"])
    assert run(capsys, *DAYS)[0] == 0, "nothing to compare with"


def test_who_was_billed_is_found_on_each_day_however_late(tmp_path, capsys):
    world = made(tmp_path, capsys, KOOGALLERY_SHARDS="3")
    names = [METER, *(f"other-{number}" for number in range(6))]
    world.clock.advance(timedelta(days=-10))
    for name in names[1:]:
        world.sell(name)
    world.clock.advance(timedelta(days=10))
    times = [world.clock.now() - timedelta(days=days) for days in (1, 3)]
    for time in times:
        world.take_in(*(world.event(f"{time:%d}", "1", time=time, instanceId=name) for name in names))
        world.hour_passes()
        world.upload()
    for time in times:
        assert with_something_sealed(world.app, time.date(), time.date()) == set(names)
    assert with_something_sealed(world.app, TODAY, TODAY) == set()


def test_a_run_that_died_before_it_listed_the_day(world):
    world.take_in(world.event("a", "1.5"))
    world.hour_passes()
    records = world.app.billing_records

    def die(record: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "list_days", die)
        with pytest.raises(KeyboardInterrupt):
            world.upload()
    world.clock.advance(timedelta(minutes=20))
    world.upload()
    assert world.billed == Decimal("1.5")
    assert with_something_sealed(world.app, TODAY, TODAY) == {METER}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--from", "2026-11-21", "--to", "2026-11-20"], "--to must not be before --from"),
        ([*DAYS, "--bill", "BILL", "--columns", "who=x"], "--columns knows instance, begin, end and value, not who"),
        ([*DAYS, "--bill", "BILL", "--bill-encoding", "klingon"], "not an encoding Python knows"),
        ([*DAYS, "--bill", "BILL"], "which column of the bill is instance? It has: nothing"),
        ([*DAYS, "--bill", "no such file"], "No such file"),
    ],
)
def test_what_cannot_be_done(world, tmp_path, capsys, arguments, told):
    (tmp_path / "bill.csv").write_text("nothing\n")
    given = [str(tmp_path / "bill.csv") if each == "BILL" else each for each in arguments]
    assert main(["reconcile", *given]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [[], ["--from", "today", "--to", "2026-11-20"], [*DAYS, "--bill-utc-offset", "99"]]
)
def test_wrong_use(capsys, arguments: Any):
    assert main(["reconcile", *arguments]) == 2
