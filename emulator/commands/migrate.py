"""``koogallery migrate``: a store of an earlier release is brought up to date."""

import json as json_text

import click

from emulator.commands.options import command
from emulator.commands.seller_app import seller_app
from emulator.commands.steps import harmless, progress
from emulator.texts import Text
from shared import log


@command("migrate")
@harmless
def migrate(*, dry_run: bool, json: bool) -> int:
    from shared.repair.migrate import migrated

    instances = missing = 0
    with seller_app() as app, log.about(interface="migrate"), progress() as told:
        for each in migrated(app, dry_run=dry_run):
            instances, missing = instances + each.instances, missing + each.missing
            told("instances", instances)
    if json:
        click.echo(json_text.dumps({"instances": instances, "missing": missing, "written": 0 if dry_run else missing}))
    else:
        click.echo(Text("repair.migrate.would" if dry_run else "repair.migrate.done", count=instances, items=missing))
    return 0
