"""``koogallery usage``: usage from files, and into them."""

import json
import sys
from datetime import date
from pathlib import Path

import click

from emulator.commands.options import Misuse, command
from emulator.commands.seller_app import seller_app
from emulator.commands.words import WordedGroup
from emulator.texts import Text
from shared.metering import import_command
from shared.metering.export import COLUMNS, Selection, exported
from shared.metering.reconciliation.csv_lines import csv_lines


@click.group("usage", WordedGroup, modules={"import": __name__, "export": __name__})
def usage() -> None:
    """Everything is done by the commands."""


@command("import")
@click.argument("file", type=Path)
@click.option("--dry-run", is_flag=True)
@click.option("--rejected", type=Path, metavar="OUT.csv")
def import_usage(file: Path, dry_run: bool, rejected: Path | None) -> int:
    words = {name: str(Text(f"reconciled.{name}")) for name in import_command.WORDS}
    with seller_app() as app:
        return import_command.run(app, file, store=not dry_run, rejected=rejected, words=words)


def _month(text: str) -> str:
    return f"{date.fromisoformat(f'{text}-01'):%Y-%m}"


@command("export")
@click.option("--instance", metavar="ID", default="", show_default=False)
@click.option("--month", type=_month, metavar="YYYY-MM", default=None)
@click.option("--csv", is_flag=True)
def export(instance: str, month: str | None, *, csv: bool) -> int:
    if not (instance or month):
        raise Misuse(Text("misuse.one-of", options="--instance, --month"))
    with seller_app() as app:
        rows = exported(app, Selection(instance, month or ""))
        if csv:
            sys.stdout.writelines(csv_lines(COLUMNS, ([row.get(name) for name in COLUMNS] for row in rows)))
        else:
            for row in rows:
                click.echo(json.dumps(row, ensure_ascii=False))
    return 0
