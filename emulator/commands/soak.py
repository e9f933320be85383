"""``koogallery soak``: everything at random with every fault, then a verdict."""

import json
import math
import os
import sys
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import click

from emulator.commands.options import command, json_file, misused
from emulator.marketplace.faults.fault_list import BACKEND, FAULTS
from emulator.marketplace.faults.readings import READINGS, mixed
from emulator.marketplace.faults.switches import Switch
from emulator.wire.server import stop_signal

RATE = 0.05
SOAK_FAULTS: Mapping[str, Switch] = {**FAULTS, **BACKEND}


@command("soak")
@click.option("--minutes", type=float, default=5.0)
@click.option("--bursts", type=click.IntRange(min=1))
@click.option("--seed", type=int, default=1)
@click.option("--faults", default="all")
@click.option("--readings", default="mixed")
@click.option("--rate", type=float, default=RATE)
@click.option("--store", default="", show_default=False)
@json_file
@click.option("--scenario", metavar="FILE")
def soak(**given: Any) -> int:
    options = SimpleNamespace(**given)
    with misused(ValueError):
        faults, readings = chosen(options.faults), rates(options.readings, options.seed)
    if options.scenario:
        from emulator.commands.scenario import play

        return play(options.scenario, bundle_settings(options.store))
    return _soak(options, faults, readings)


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


def _soak(options: SimpleNamespace, names: Sequence[str], readings: Mapping[str, float]) -> int:
    from emulator.soak.environment import soak_environment
    from emulator.soak.errors import ExplainedErrors
    from emulator.soak.report import as_json, progress_line, show
    from emulator.soak.soak import Soak
    from emulator.soak.verdict import verdict

    setting = soak_environment(bundle_settings(options.store), seed=options.seed, readings=readings, log_to=sys.stderr)
    with stop_signal() as stopped, setting as environment:
        for name in names:
            environment.switches(name).set(name, options.rate)
        with progress_line() as told:
            seconds = math.inf if options.bursts else options.minutes * 60
            played = Soak(environment, options.seed, seconds, options.bursts, told, stopped)
            played.run()
        faults = ExplainedErrors([SOAK_FAULTS[name] for name in names], environment.provisioner.failed)
        found = verdict(played, faults)
        show(played, found)
        if options.json:
            options.json.write_text(json.dumps(as_json(played, found, options), ensure_ascii=False, indent=1) + "\n")
    return 0 if all(each.passed for each in found.values()) else 1
