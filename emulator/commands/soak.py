"""``python -m emulator soak``: everything at random with every fault, then a verdict."""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from emulator.marketplace.faults.fault_list import BACKEND, FAULTS
from emulator.marketplace.faults.readings import READINGS, mixed
from emulator.marketplace.faults.switches import Switch
from emulator.wire.server import stop_signal
from shared.errors import ConfigurationError

RATE = 0.05
SOAK_FAULTS: Mapping[str, Switch] = {**FAULTS, **BACKEND}


def main(arguments: Sequence[str]) -> int:
    """Soak as the options say; 0 if everything is as it must be, 1 if not, 2 for wrong use."""
    known = parser()
    options = known.parse_args(arguments)
    try:
        faults, readings = chosen(options.faults), rates(options.readings, options.seed)
    except ValueError as error:
        known.error(str(error))
    try:
        if options.scenario:
            from emulator.commands.scenario import play

            return play(options.scenario, bundle_settings(options.store))
        return _soak(options, faults, readings)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 1


def chosen(text: str, known: Mapping[str, Switch] = SOAK_FAULTS) -> list[str]:
    """The ids of faults or readings that ``all``, ``none`` or a list with commas means.

    :raises ValueError: there is none of an id.
    """
    if text in ("all", "none"):
        return list(known) if text == "all" else []
    names = [name.strip() for name in text.split(",") if name.strip()]
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"no such id: {', '.join(unknown)}; there are {', '.join(known)}")
    return names


def rates(text: str, seed: int) -> Mapping[str, float]:
    """How often each reading holds: as ``seed`` mixes them, or always for those that are named.

    :raises ValueError: there is none of an id.
    """
    return mixed(seed) if text == "mixed" else dict.fromkeys(chosen(text, READINGS), 1.0)


def bundle_settings(store: str) -> Mapping[str, str]:
    """The settings of the bundle: those of the environment, with another store if one is given."""
    given = {name: value for name, value in os.environ.items() if name.startswith(("KOOGALLERY_", "AWS_"))}
    given.pop("KOOGALLERY_STORE", None)
    given.pop("KOOGALLERY_PROVISIONER", None)
    return {**given, "KOOGALLERY_STORE": store} if store else given


def _soak(options: argparse.Namespace, names: Sequence[str], readings: Mapping[str, float]) -> int:
    from emulator.soak.environment import soak_environment
    from emulator.soak.errors import ExplainedErrors
    from emulator.soak.report import Screen, as_json, show
    from emulator.soak.soak import Soak
    from emulator.soak.verdict import verdict

    setting = soak_environment(bundle_settings(options.store), seed=options.seed, readings=readings, log_to=sys.stderr)
    with stop_signal() as stopped, setting as environment:
        for name in names:
            environment.switches(name).set(name, options.rate)
        with Screen() as screen:
            soak = Soak(environment, options.seed, options.minutes * 60, screen.told, stopped)
            soak.run()
        lines = verdict(soak, ExplainedErrors([SOAK_FAULTS[name] for name in names]))
        show(soak, lines)
        if options.json:
            options.json.write_text(json.dumps(as_json(soak, lines, options), ensure_ascii=False, indent=1) + "\n")
    return 0 if all(line.passed for line in lines) else 1


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        prog="python -m emulator soak",
        description="Bundle and marketplace in one process on a simulated clock: all at random, then a verdict.",
    )
    options.add_argument("--minutes", type=float, default=5.0, help="real time of the random part (default 5)")
    options.add_argument("--seed", type=int, default=1, help="plans the acts: the same seed, the same acts (default 1)")
    options.add_argument("--faults", default="all", help="all, none, or ids with commas (default all)")
    options.add_argument("--readings", default="mixed", help="mixed by the seed, all, none, or ids (default mixed)")
    options.add_argument("--rate", type=float, default=RATE, help=f"how often each fault happens (default {RATE:g})")
    options.add_argument("--store", default="", help="as KOOGALLERY_STORE, say dynamodb (default: a new SQLite file)")
    options.add_argument("--json", type=Path, metavar="FILE", help="write the verdict to a file too")
    options.add_argument("--scenario", metavar="FILE", help="play a scenario: a shipped one by name, or a TOML file")
    return options
