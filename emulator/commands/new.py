"""``koogallery new``: a seller's own repository."""

import re
from pathlib import Path

import click

from emulator.commands.options import Misuse, command, misused
from emulator.commands.words import language
from emulator.scaffold.repository import DEPLOYMENTS, write
from emulator.texts import Text


@command("new")
@click.argument("folder", type=Path)
@click.option("--deploy", type=click.Choice(list(DEPLOYMENTS)), default="server")
def new(folder: Path, deploy: str) -> int:
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", folder.name):
        raise Misuse(Text("misuse.name", name=folder.name))
    spoken = language(click.get_current_context())
    with misused(ValueError):
        for path in write(folder, deploy=deploy, language=spoken):
            click.echo(path)
    click.echo(Text("scaffold.next", folder=str(folder)).said(spoken))
    return 0
