"""``koogallery usage``: usage from files."""

from pathlib import Path

import click

from emulator.commands.options import command
from emulator.commands.seller_app import seller_app
from emulator.commands.words import WordedGroup


@click.group("usage", WordedGroup, modules={"import": __name__})
def usage() -> None:
    """Everything is done by the commands."""


@command("import")
@click.argument("file", type=Path)
@click.option("--dry-run", is_flag=True)
@click.option("--rejected", type=Path, metavar="OUT.csv")
def import_usage(file: Path, dry_run: bool, rejected: Path | None) -> int:
    from shared.metering import import_command

    with seller_app() as app:
        return import_command.run(app, file, store=not dry_run, rejected=rejected)
