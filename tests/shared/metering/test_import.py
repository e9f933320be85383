"""``koogallery usage import``: usage from a file."""

import csv
import subprocess
import sys
import tracemalloc
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from emulator.commands.cli import main
from shared.errors import Unavailable
from tests.shared.metering.metered import METER, Metered


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Metered:
    made = Metered(tmp_path)
    capsys.readouterr()  # log lines
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "usage.csv"


def write(file: Path, *rows: Any, header: str = "id,instance_id,time,value", encoding: str = "utf-8") -> None:
    with file.open("w", encoding=encoding, newline="") as opened:
        csv.writer(opened).writerows([header.split(","), *rows])


def row(world: Metered, event_id: str, value: str = "1", hours_ago: int = 1) -> list[str]:
    return [event_id, METER, (world.clock.now() - timedelta(hours=hours_ago)).isoformat(), value]


def uploaded(world: Metered) -> Any:
    world.hour_passes()
    world.upload()
    return world.billed


def test_rows_are_taken_in_and_billed_once(world, file, capsys):
    write(file, *(row(world, f"e{number}", hours_ago=number % 48) for number in range(2500)))
    assert main(["usage", "import", str(file)]) == 0
    assert capsys.readouterr().out.split() == ["accepted", "2,500", "duplicates", "0", "rejected", "0"]
    assert main(["usage", "import", str(file)]) == 0
    assert capsys.readouterr().out.split() == ["accepted", "0", "duplicates", "2,500", "rejected", "0"]
    assert uploaded(world) == 2500


def test_a_dry_run_stores_nothing(world, file, capsys):
    write(file, row(world, "a"), row(world, "a"), row(world, "b", "1e3"))
    assert main(["usage", "import", str(file), "--dry-run"]) == 1
    assert [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()] == [
        "accepted 1",
        "duplicates 1",
        "rejected 1",
        "value is not a plain decimal as text 1",
        "dry run: nothing was stored",
    ]
    assert uploaded(world) == 0


def test_rejected_rows_go_to_a_file_that_can_be_corrected_and_imported(world, file, tmp_path, capsys):
    out = tmp_path / "rejected.csv"
    rows = [
        row(world, "a"),
        row(world, "b", "0"),
        row(world, "c"),
        [*row(world, "用"), "too", "many"],
        row(world, "d")[:2],
    ]
    write(file, *rows)
    assert main(["usage", "import", str(file), "--rejected", str(out)]) == 1
    with out.open(encoding="utf-8", newline="") as opened:
        rejected = list(csv.DictReader(opened))
    assert [(each["id"], each["reason"], each["line"]) for each in rejected] == [
        ("b", "value is not above zero", "3"),
        ("用", "invalid event", "5"),
        ("d", "invalid event", "6"),
    ]
    corrected = [{**rejected[0], "value": "2"}, rejected[1], {**rejected[2], "time": rejected[1]["time"], "value": "4"}]
    with out.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, rejected[0])
        writer.writeheader()
        writer.writerows(corrected)
    assert main(["usage", "import", str(out)]) == 0
    assert uploaded(world) == 1 + 2 + 1 + 1 + 4


def test_columns_in_any_order_with_blanks_a_mark_and_packages(world, file):
    cells = row(world, "a", " 1.5 ")
    header = "note,value,time,package,instance_id,id"
    write(
        file,
        ["x", cells[3], cells[2], "package-1", METER, "a"],
        ["", "1", cells[2], "", METER, "b"],
        header=header,
        encoding="utf-8-sig",
    )
    assert main(["usage", "import", str(file)]) == 0
    uploaded(world)
    packages = {record.relate_pkg_instance: str(record.usage_value) for record in world.api.accepted.values()}
    assert packages == {"package-1": "1.5000", None: "1.0000"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "missing: id, instance_id, time, value"),
        (b"id;instance_id;time;value\n", "missing: id, instance_id, time, value"),
        (b"id,time,value\n", "missing: instance_id"),
        (b"id,instance_id,time,value\n\xff,,,\n", "not UTF-8"),
        (b'id,instance_id,time,value\n"a" b,,,\n', "cannot be read after line 1"),
    ],
)
def test_files_that_are_none(world, file, capsys, content, told):
    file.write_bytes(content)
    assert main(["usage", "import", str(file)]) == 2
    assert told in capsys.readouterr().err


def test_a_file_that_is_not_there(world, file, capsys):
    assert main(["usage", "import", str(file)]) == 2
    assert "No such file" in capsys.readouterr().err


def test_after_trouble_the_same_command_goes_on(world, file, capsys):
    write(file, *(row(world, f"e{number}") for number in range(1500)))
    calls = []

    def fail(table, method):
        if method == "put_many":
            calls.append(table)
            if len(calls) == 3:
                raise Unavailable("the store could not be reached")

    world.tables.before = fail
    assert main(["usage", "import", str(file)]) == 2
    told = capsys.readouterr()
    assert told.out.split()[:2] == ["accepted", "1,000"]
    assert "run the command again, nothing is counted twice" in told.err
    assert main(["usage", "import", str(file)]) == 0
    assert uploaded(world) == 1500


@pytest.mark.slow
def test_memory_is_flat(world, file):
    """5,000 more rows, almost a megabyte, take a fraction of that."""

    def peak(rows: int) -> int:
        write(file, *(row(world, f"{number:0>100}") for number in range(rows)))
        tracemalloc.start()
        try:
            assert main(["usage", "import", str(file), "--dry-run"]) == 0
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1000)  # what is loaded at the first use stays
    assert peak(7000) - peak(2000) < 200_000


def test_as_a_program(tmp_path):
    """Settings come from the environment; help needs none."""
    command = [sys.executable, "-m", "emulator", "usage"]
    shown = subprocess.run([*command, "import", "--help"], capture_output=True, text=True, check=True).stdout
    assert "--dry-run" in shown
    (tmp_path / "usage.csv").write_text("id,instance_id,time,value\na,nobody,2026-11-20T08:00:00Z,1\n")
    settings = {
        "KOOGALLERY_STORE": f"sqlite:{tmp_path / 'store.sqlite'}",
        "KOOGALLERY_STORAGE_KEY": "a key for this test",
    }
    done = subprocess.run(
        [*command, "import", str(tmp_path / "usage.csv")], env=settings, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.split()[-3:]) == (1, ["unknown", "instance", "1"])


class Terminal(StringIO):
    """Standard error of somebody who looks."""

    def isatty(self) -> bool:
        return True


def test_a_bar_shows_how_far_it_is(world, file, monkeypatch):
    write(file, *(row(world, f"e{number}") for number in range(1500)))
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert main(["usage", "import", str(file)]) == 0
    assert "import" in terminal.getvalue()
    assert "100%" in terminal.getvalue()
