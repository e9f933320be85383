"""``koogallery doctor``: is this deployment set up right?"""

import io
import os
from contextlib import redirect_stdout
from pathlib import Path

import click

from emulator.commands.options import command, misused
from emulator.commands.words import language
from emulator.doctor.examination import GROUPS, examine
from emulator.doctor.patient import Patient
from emulator.doctor.report import document, is_well, show
from emulator.terminal import print_json, steps_done
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
    with redirect_stdout(io.StringIO()), steps_done(len(GROUPS)) as told:  # a provisioner may print
        patient = Patient(os.environ, address.rstrip("/"), create, pasted)
        found = examine(patient, told=lambda group: told(f"{group:12}"))
    spoken = language(click.get_current_context())
    if json:
        print_json(document(found, spoken))
    else:
        show(found, spoken)
    return 0 if is_well(found) else 1
