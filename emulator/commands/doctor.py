"""``koogallery doctor``: is this deployment set up right?"""

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import click

from emulator.commands.options import command, misused
from emulator.commands.words import language
from emulator.conformance.report_table import console
from emulator.doctor.examination import GROUPS, examine
from emulator.doctor.patient import Patient
from emulator.doctor.report import as_json, is_well, show
from shared import log


@command("doctor")
@click.option("--address", default="", metavar="URL")
@click.option("--create", is_flag=True)
@click.option("--rsa-public-key", type=Path, metavar="FILE")
@click.option("--json", is_flag=True)
def doctor(address: str, create: bool, rsa_public_key: Path | None, json: bool) -> int:
    with misused(ValueError):
        pasted = rsa_public_key.read_text(encoding="ascii", errors="replace") if rsa_public_key else ""
    log.write_to(io.StringIO())  # what the bundle's parts log is told as findings
    with redirect_stdout(io.StringIO()), _progress() as told:  # a provisioner may print
        found = examine(Patient(os.environ, address.rstrip("/"), create, pasted), told=told)
    spoken = language(click.get_current_context())
    if json:
        click.echo(as_json(found, spoken))
    else:
        show(found, spoken)
    return 0 if is_well(found) else 1


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """A bar on a terminal; elsewhere nothing."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=console(errors=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=len(GROUPS))
        yield lambda group: bar.update(task, description=f"{group:12}", advance=1)
