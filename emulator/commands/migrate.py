"""``koogallery migrate``: a store of an earlier release is brought up to date."""

import json as json_text

import click

from emulator.commands.options import command
from emulator.commands.seller_app import seller_app
from emulator.commands.steps import harmless
from emulator.terminal import items_done
from emulator.texts import Text
from shared.repair.migrate import migrated


@command("migrate")
@harmless
def migrate(*, dry_run: bool, json: bool) -> int:
    instances = missing = 0
    with seller_app(interface="migrate") as app, items_done() as told:
        for each in migrated(app, dry_run=dry_run):
            instances, missing = instances + each.instances, missing + each.missing
            told("instances", instances)
    if json:
        click.echo(json_text.dumps({"instances": instances, "missing": missing, "written": 0 if dry_run else missing}))
    else:
        click.echo(Text("repair.migrate.would" if dry_run else "repair.migrate.done", count=instances, items=missing))
    return 0
