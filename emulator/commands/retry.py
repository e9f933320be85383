"""``koogallery retry``: what is an order now, and what has it coming? Do it."""

from collections.abc import Sequence
from importlib import import_module

import click

from emulator.commands.options import command
from emulator.commands.seller_app import seller_app
from emulator.commands.steps import confirm, mending, tell
from emulator.texts import Text
from shared.repair.call import patience
from shared.repair.due import Due, due
from shared.repair.orders import Operate, retried


@command("retry")
@click.argument("order_id", metavar="ORDER")
@click.option("--instance", "named", metavar="ID")
@mending
def retry(order_id: str, named: str | None, *, dry_run: bool, yes: bool, json: bool) -> int:
    with seller_app(interface="retry") as app:
        found = due(app, order_id, named, patience(app))
        if not dry_run:
            _confirm_harm(found, order_id, yes=yes)
        steps = (retried(app, order_id, each, _operation, dry_run=dry_run) for each in found)
        return tell(steps, json=json)


def _confirm_harm(found: Sequence[Due], order_id: str, *, yes: bool) -> None:
    for each in found:
        if each.harm:
            confirm(Text(f"repair.confirm.{each.what}", instance=each.instance_id, order=order_id), yes=yes)


def _operation(interface: str) -> Operate:
    """Started by name, as platforms do."""
    operate: Operate = import_module(f"functions.{interface}").INTERFACE.operate
    return operate
