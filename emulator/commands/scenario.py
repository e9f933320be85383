"""``koogallery soak --scenario``: plays one scenario and says what became of each step."""

import sys
from collections.abc import Mapping
from pathlib import Path

from emulator.soak.environment import soak_environment
from emulator.soak.report import print_marked
from emulator.soak.scenario import load
from emulator.soak.scenario_player import ScenarioPlayer
from emulator.texts import Text as Words


def play(name: str | Path, environ: Mapping[str, str]) -> int:
    """0 if everything was as expected, 1 if not.

    :raises ConfigurationError: there is no such scenario, or it is wrong.
    """
    scenario = load(name)
    with soak_environment(environ, seed=scenario.seed, start=scenario.begins, log_to=sys.stderr) as environment:
        rows = [
            (not step.problem, step.text, f"{environment.clock.now():%m-%d %H:%M}", step.problem)
            for step in ScenarioPlayer(environment).run(scenario)
        ]
    print_marked(scenario.title, [str(Words("terminal.step")), str(Words("soak.time")), ""], rows)
    return 0 if all(passed for passed, *_ in rows) else 1
