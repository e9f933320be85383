"""The page about faults, scenarios and the soak says what there is."""

import re
import tomllib
from pathlib import Path

import pytest

from emulator.marketplace.faults.fault_list import FAULTS
from emulator.soak.memory_verdict import BOUND
from emulator.soak.scenario import SHIPPED, Scenario, ScenarioStep
from emulator.soak.verdict import CHECKS
from tests.command_line import options

DOCS = Path(__file__).parents[3] / "docs"
PAGES = [(DOCS / name).read_text(encoding="utf-8") for name in ("soak.md", "soak.zh-CN.md")]
both = pytest.mark.parametrize("page", PAGES, ids=["en", "zh"])


def quoted(page: str) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", page))


@both
def test_every_fault_is_listed(page: str) -> None:
    assert FAULTS.keys() <= quoted(page)


@both
def test_every_scenario_is_listed_and_there(page: str) -> None:
    assert {path.stem for path in SHIPPED.glob("*.toml")} <= quoted(page)


@both
def test_every_step_and_option_is_told(page: str) -> None:
    told = " ".join(quoted(page))
    assert [name for name in ScenarioStep.model_fields if name not in told] == []
    assert [option for option in options("soak") if option not in page] == []


@both
def test_the_scenario_on_the_page_is_one(page: str) -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert Scenario.model_validate(tomllib.loads(block)).steps


@both
def test_each_line_of_the_verdict_is_told(page: str) -> None:
    rows = re.findall(r"^\| ([a-z =]+) \|", page, re.MULTILINE)
    assert [title for title in CHECKS if title not in rows] == []
    assert f"{BOUND:g} MiB" in page
