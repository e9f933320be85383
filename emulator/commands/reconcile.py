"""``koogallery reconcile``: usage and bills by instance and UTC day."""

from datetime import date, timedelta, timezone
from pathlib import Path
from typing import Any

import click

from emulator.commands.options import command
from emulator.commands.seller_app import seller_app
from emulator.texts import Text
from shared.metering.reconciliation.command import TITLES, Question, run


def _zone(hours: str) -> timezone:
    return timezone(timedelta(hours=float(hours)))


@command("reconcile")
@click.option("--from", "first", type=date.fromisoformat, required=True, metavar="DATE")
@click.option("--to", "last", type=date.fromisoformat, required=True, metavar="DATE")
@click.option("--instance", "instances", multiple=True, metavar="ID")
@click.option("--instances-file", type=Path, metavar="FILE")
@click.option("--json", "as_json", is_flag=True)
@click.option("--bill", type=Path, metavar="BILL.csv")
@click.option("--columns", default="", metavar="instance=…,begin=…,end=…,value=…", show_default=False)
@click.option("--bill-encoding", metavar="NAME")
@click.option("--bill-utc-offset", "bill_zone", type=_zone, default="8", metavar="HOURS")
def reconcile(**options: Any) -> int:
    titles = [str(Text(f"reconciled.{title}")) for title in TITLES]
    with seller_app() as app:
        return run(app, Question(**options, titles=titles))
