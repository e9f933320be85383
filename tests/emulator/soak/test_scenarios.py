"""The shipped scenarios, and what a scenario file may say."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest

from emulator.commands.cli import main
from emulator.soak.environment import soak_environment
from emulator.soak.scenario import SHIPPED, load, span
from emulator.soak.scenario_player import ScenarioPlayer
from shared.errors import ConfigurationError

NAMES = sorted(path.stem for path in SHIPPED.glob("*.toml"))
MONTHS = {"renewal-after-expiry", "expiry-overtaken"}
"""So long that the seller's timers go off every five hours: at each hour of the day in turn, and near what happens."""


@pytest.mark.sweep
@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_scenario_plays_as_it_says(name: str) -> None:
    scenario = load(name)
    with soak_environment({}, seed=scenario.seed, start=scenario.begins, log_to=sys.stderr) as environment:
        environment.timers.hours = 5 if name in MONTHS else 1
        rows = list(ScenarioPlayer(environment).run(scenario))
    assert [row for row in rows if row.problem] == []
    assert len(rows) == len(scenario.steps)
    assert any(step.expect for step in scenario.steps)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "own.toml"


def test_a_file_of_ones_own_fails_at_the_first_thing_that_is_not_so(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = ('buy = "monthly-v1"', 'expect = { of = "monthly-v1", standing = "frozen" }', 'renew = "monthly-v1"')
    file.write_text('title = "Mine"\n' + "".join(f"[[steps]]\n{step}\n" for step in steps))
    assert main(["soak", "--scenario", str(file)]) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert "Mine" in shown
    assert "is active" in shown
    assert "renew" not in shown


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ('buy = "monthly-v1"\nadvance = "1h"', "exactly one thing"),
        ('advance = "soon"', "a span of time"),
        ('byu = "monthly-v1"', "byu"),
        ("buy = ", "Invalid value"),
    ],
)
def test_a_wrong_file_is_refused_with_the_reason(file: Path, step: str, problem: str) -> None:
    file.write_text(f'title = "Wrong"\n[[steps]]\n{step}\n')
    with pytest.raises(ConfigurationError, match=problem):
        load(file)


def test_the_shipped_ones_are_named_where_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["soak", "--scenario", "nowhere"]) == 1
    assert "lost-answers" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("90m", timedelta(minutes=90)),
        ("3h", timedelta(hours=3)),
        ("1d 6h", timedelta(hours=30)),
        ("1.5h", timedelta(minutes=90)),
    ],
)
def test_a_span_of_time(text: str, meant: timedelta) -> None:
    assert span(text) == meant


def test_what_a_buyer_cannot_do_is_said(file: Path) -> None:
    file.write_text('title = "T"\n[[steps]]\nbuy = "one-time-v1"\n[[steps]]\nrenew = "one-time-v1"\n')
    scenario = load(file)
    with soak_environment({}, seed=1, log_to=sys.stderr) as environment:
        rows = list(ScenarioPlayer(environment).run(scenario))
    assert rows[-1].problem.startswith("not possible")
