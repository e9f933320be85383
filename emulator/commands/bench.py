"""``koogallery bench``: response times of the bundle beside those of a reference."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from emulator.bench.sections import SECTIONS
from emulator.bench.timing import Size
from emulator.commands.options import Misuse, command, every, json_file
from emulator.texts import Text


@command("bench")
@click.option("--quick", is_flag=True)
@click.option("--only", multiple=True, type=click.Choice(list(SECTIONS)))
@json_file
@every(*(click.option(f"--{name}", type=click.IntRange(min=1), metavar="N") for name in Size._fields))
def bench(quick: bool, only: Sequence[str], json: Path | None, **wanted: Any) -> int:
    from emulator.bench.run import FULL, QUICK, main

    if not find_spec("ministack"):
        raise Misuse(Text("misuse.no-engine"))
    sizes = (QUICK if quick else FULL)._asdict()
    return main(Size(**{name: wanted[name] or size for name, size in sizes.items()}), only or list(SECTIONS), json)
