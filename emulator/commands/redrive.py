"""``koogallery redrive``: what was given up goes out again."""

import click

from emulator.commands.options import command
from emulator.commands.seller_app import seller_app
from emulator.commands.steps import harmless, tell
from emulator.commands.words import WordedGroup
from shared.repair.dead_events import redriven
from shared.repair.dead_usage import redriven_usage


@click.group("redrive", WordedGroup, modules={"events": __name__, "usage": __name__})
def redrive() -> None:
    """Everything is done by the commands."""


@command("events")
@click.argument("instance_id", metavar="[ID]", required=False, default="")
@harmless
def events(instance_id: str, *, dry_run: bool, json: bool) -> int:
    with seller_app(interface="redrive") as app:
        return tell(redriven(app, instance_id, dry_run=dry_run), json=json)


@command("usage")
@click.argument("instance_id", metavar="[ID]", required=False, default="")
@harmless
def usage(instance_id: str, *, dry_run: bool, json: bool) -> int:
    with seller_app(interface="redrive") as app:
        return tell(redriven_usage(app, instance_id, dry_run=dry_run), json=json)
