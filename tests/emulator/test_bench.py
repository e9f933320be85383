"""``make bench`` measures everything it promises, and what it counts is right. No time is judged."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from emulator.bench.starters import handler_names
from emulator.bench.timing import Timing, whole_rounds
from emulator.commands.cli import main
from emulator.platforms.postgresql import installed

ROOT = Path(__file__).parent.parent.parent
SIZE = {"rounds": 1, "calls": 1, "starts": 1, "users": 1000, "events": 1000, "instances": 4, "listed": 200}
BENCH = [sys.executable, "-m", "emulator", "bench", *(word for name in SIZE for word in (f"--{name}", str(SIZE[name])))]

REQUESTS = ["bad signature", "debug call", "new purchase", "repeated purchase", "query", "freeze / unfreeze"]
STORE_CALLS = {"": [2, 1], "V1": [0, 0, 2, 2, 1, 3], "V2": [0, 1, 2, 2, 2, 3]}
HANDLERS = handler_names()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """What a very small run prints, and what it writes."""
    file = tmp_path_factory.mktemp("bench") / "bench.json"
    command = [*BENCH, "--json", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(file.read_text())


@pytest.mark.slow
def test_every_request_is_measured_on_both_stores(bench: tuple[str, dict[str, Any]]) -> None:
    rows = bench[1]["requests"]

    measured = [(row["store"], row["version"], row["name"]) for row in rows if row["version"]]
    assert measured == [
        (store, version, name) for store in ("DynamoDB", "SQLite") for version in ("V1", "V2") for name in REQUESTS
    ]
    assert [row["name"] for row in rows if not row["version"]] == ["bare, new event", "bare, repeated"]
    assert all(row["speed"] > 0 and row["timing"]["per_second"] > 0 for row in rows)


@pytest.mark.slow
def test_store_calls_are_counted(bench: tuple[str, dict[str, Any]]) -> None:
    counted: dict[str, list[float]] = {}
    for row in bench[1]["requests"]:
        if row["store"] == "DynamoDB":
            counted.setdefault(row["version"], []).append(row["http_calls"])

    assert counted == STORE_CALLS


@pytest.mark.slow
def test_requests_are_compared_with_the_bare_handler(bench: tuple[str, dict[str, Any]]) -> None:
    rows = bench[1]["requests"]

    assert [row["speed"] for row in rows if not row["version"]] == [1, 1]
    repeated = {row["name"] for row in rows if row["against"] == "bare, repeated"}
    assert repeated == {"bare, repeated", "repeated purchase"}


@pytest.mark.slow
def test_signatures_are_compared_with_the_primitive(bench: tuple[str, dict[str, Any]]) -> None:
    rows = bench[1]["signatures"]

    assert [row["against"] for row in rows] == ["HMAC-SHA256"] * 3 + ["AES-256-CBC"] * 2
    assert all(row["speed"] > 0 for row in rows)


@pytest.mark.slow
def test_every_handler_is_started_cold(bench: tuple[str, dict[str, Any]]) -> None:
    rows = {row["name"]: row for row in bench[1]["cold"]}

    assert set(rows) == {"reference", "bare handler", *HANDLERS}
    assert rows["reference"]["stages"]["import"]["ratio"] == 1
    assert all(row["stages"]["import"]["ratio"] > 0 for row in rows.values())
    assert all(10 < row["imported_mib"] <= row["peak_mib"] for row in rows.values())


@pytest.mark.slow
def test_the_first_call_is_measured_as_lambda_runs_it(bench: tuple[str, dict[str, Any]]) -> None:
    rows = bench[1]["first_call"]

    assert [row["share"] for row in rows] == [1.0, 0.29]
    assert all(row["cold"]["p50_ms"] > row["init"]["p50_ms"] > row["call"]["p50_ms"] > 0 for row in rows)


@pytest.mark.slow
def test_cold_handlers_answer(bench: tuple[str, dict[str, Any]]) -> None:
    answered = {row["name"]: set(row["stages"]) - {"import"} for row in bench[1]["cold"]}
    storeless, stored = "first answer without a store", "first answer with a store"

    assert answered["gateway"] == answered["purchase"] == answered["query"] == {storeless, stored}
    assert answered["expire"] == {storeless}  # version 2 has no such call
    assert answered["change_check"] == answered["order_notify"] == {stored}  # version 1 has none
    assert answered["sweep"] == answered["bare handler"] == {stored}


@pytest.mark.slow
def test_an_enterprise_is_synchronised_on_both_stores(bench: tuple[str, dict[str, Any]]) -> None:
    dynamodb, sqlite = bench[1]["organisation"]

    assert [(row["store"], row["users"], row["departments"]) for row in (dynamodb, sqlite)] == [
        ("DynamoDB", 500, 40),
        ("SQLite", 1000, 60),
    ]
    assert dynamodb["requests"] == [66, 6, 106]
    assert all(row["users_per_second"] > 0 for row in (dynamodb, sqlite))
    assert f"{sqlite['users']:,}" in bench[0]


@pytest.mark.slow
def test_what_is_served_is_compared_with_what_remembers_a_call_on_the_same_store(
    bench: tuple[str, dict[str, Any]],
) -> None:
    rows = {(row["store"], row["name"]): row for row in bench[1]["served"]}

    calls = ["V1 new purchase", "V1 repeated purchase", "V2 query", "V2 freeze, unfreeze"]
    assert list(rows) == [
        *(("DynamoDB", name) for name in ("powertools", "put", *calls)),
        *(("SQLite", name) for name in ("insert", *calls)),
    ]
    assert all(row["timing"]["p50_ms"] <= row["timing"]["p95_ms"] <= row["timing"]["p99_ms"] for row in rows.values())
    assert {store: row["against"] for (store, _), row in rows.items()} == {"DynamoDB": "powertools", "SQLite": "insert"}
    assert rows["DynamoDB", "powertools"]["rate"] == rows["SQLite", "insert"]["p99"] == 1


@pytest.mark.slow
def test_the_server_for_production_is_measured_on_both_stores_of_machines(bench: tuple[str, dict[str, Any]]) -> None:
    rows = {(row["store"], row["name"]): row for row in bench[1]["production"]}

    calls = ["V1 new purchase", "V1 repeated purchase", "V2 query", "V2 freeze, unfreeze"]
    assert list(rows) == [(store, name) for store in ("SQLite", "PostgreSQL")[: 1 + installed()] for name in calls]
    assert {rows["SQLite", name]["rate"] for name in calls} == {1}
    assert all(row["timing"]["p99_ms"] > 0 and row["per_second"] > 0 for row in rows.values())


@pytest.mark.slow
def test_metering_is_measured_at_every_distance_beside_the_sample_and_the_limit(
    bench: tuple[str, dict[str, Any]],
) -> None:
    rows = bench[1]["rates"]
    requests = {(row["milliseconds"], row["step"], row["name"]): row["requests"] for row in rows}

    assert {milliseconds for milliseconds, _, _ in requests} == {0, 1, 5}
    for milliseconds in (0, 1, 5):
        assert requests[milliseconds, "events taken in", "AWS sample"] == 1
        assert requests[milliseconds, "records pushed", "AWS sample"] == 2 + 1 / SIZE["instances"]
        assert requests[milliseconds, "records pushed", "boto3 put"] == 1
        assert (
            requests[milliseconds, "records pushed", "bundle"] > requests[milliseconds, "records pushed", "limit"] >= 1
        )
    assert {row["of_limit"] for row in rows if row["name"] == "limit"} == {1}
    assert {row["of_sample"] for row in rows if row["name"] == "AWS sample"} == {1}
    slow, quick = (
        next(row for row in rows if row["milliseconds"] == ms and row["name"] == "boto3 put") for ms in (5, 0)
    )
    assert slow["per_second"] < min(200, quick["per_second"])


@pytest.mark.slow
def test_what_is_metered_is_billed(bench: tuple[str, dict[str, Any]]) -> None:
    rows = bench[1]["billing"]

    assert [row["events"] for row in rows] == [110, 1100]
    assert {float(row["difference"]) for row in rows} == {0}
    assert all(row["records"] >= 10 and row["of_limit"] > 0 for row in rows)
    assert all(0 < row["start_mib"] <= row["peak_mib"] for row in rows)


@pytest.mark.slow
def test_pages_of_the_full_list_are_asked_for(bench: tuple[str, dict[str, Any]]) -> None:
    rows = bench[1]["console"]

    assert [(row["calls"], row["page"]) for row in rows] == [
        (SIZE["listed"], page) for page in ("first page", "one call", "oldest calls")
    ]
    assert all(row["ratio"] > 0 and row["mib"] > 10 for row in rows)


@pytest.mark.slow
def test_the_tables_show_it(bench: tuple[str, dict[str, Any]]) -> None:
    printed, figures = bench

    assert all(
        row["name"] in printed for section in ("requests", "served", "signatures", "cold") for row in figures[section]
    )
    assert "koogallery" not in printed  # no log lines


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks for the engine in /proc")
def test_the_engine_ends_with_the_bench() -> None:
    command = [sys.executable, "-m", "emulator", "bench"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            engine = _child(process.pid)
            time.sleep(0.5)  # the benchmark learns of its child a moment later
            process.send_signal(signal.SIGTERM)
            errors = process.communicate(timeout=30)[1]
        finally:
            process.kill()

    assert process.returncode == 130
    assert errors.endswith(b"stopped\n")
    assert not Path(f"/proc/{engine}").exists()


def _child(parent: int) -> int:
    """The first child of ``parent``, once it runs ministack."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
            if b"ministack" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
        time.sleep(0.02)
    raise AssertionError("the engine does not start")


def test_a_ratio_compares_round_by_round() -> None:
    mine, other = Timing([[1.0, 3.0], [30.0], [8.0]]), Timing([[1.0, 1.0], [10.0], [4.0]])

    assert mine.over(other) == 2.0


def test_percentiles_and_rate() -> None:
    timing = Timing([[number / 1000 for number in range(101)]])

    assert timing.p50 == 50
    assert timing.p99 == pytest.approx(99)
    assert timing.per_second == pytest.approx(20)
    assert Timing([[0.25]]).p99 == 250


def test_only_whole_rounds_are_measured() -> None:
    assert list(whole_rounds(range(6), 2, limit=60)) == [0, 1, 2, 3, 4, 5]
    assert list(whole_rounds(range(6), 2, limit=-1)) == [0, 1]


@pytest.mark.parametrize("option", [["--calls", "0"], ["--rounds", "many"], ["--only", "nothing"]])
def test_options_are_checked(option: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", *option]) == 2
    assert option[0] in capsys.readouterr().err
