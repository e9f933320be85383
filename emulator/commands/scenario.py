"""``koogallery soak --scenario``: plays one scenario and says what became of each step."""

import sys
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from emulator.soak.environment import soak_environment
from emulator.soak.scenario import load
from emulator.soak.scenario_player import ScenarioPlayer
from emulator.texts import Text as Words


def play(name: str | Path, environ: Mapping[str, str]) -> int:
    """0 if everything was as expected, 1 if not.

    :raises ConfigurationError: there is no such scenario, or it is wrong.
    """
    scenario = load(name)
    table = Table("", title=scenario.title, title_justify="left", show_edge=False)
    for column in (Words("terminal.step"), Words("soak.time"), ""):
        table.add_column(str(column))
    with soak_environment(environ, seed=scenario.seed, start=scenario.begins, log_to=sys.stderr) as environment:
        problem = ""
        for row in ScenarioPlayer(environment).run(scenario):
            problem = row.problem
            mark = Text("✗", "red") if problem else Text("✓", "green")
            table.add_row(mark, Text(row.text), f"{environment.clock.now():%m-%d %H:%M}", Text(problem))
    Console().print(table)
    return 1 if problem else 0
