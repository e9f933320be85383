"""``koogallery erase``: personal data, gone from the whole store."""

import json as json_text

import click

from emulator.commands.options import Misuse, command
from emulator.commands.seller_app import seller_app
from emulator.commands.steps import LEFT, confirm, mending
from emulator.terminal import print_table
from emulator.texts import Text
from shared.repair.erase import Eraser, Erasure
from shared.repair.personal import DataSubject

ERASED = ("instances", "hints", "claims", "orders", "directory", "sessions")


@command("erase")
@click.option("--customer", metavar="ID", default="", show_default=False)
@click.option("--tenant", metavar="ID", default="", show_default=False)
@click.option("--user", metavar="ID", default="", show_default=False)
@click.option("--in-service", is_flag=True)
@mending
def erase(customer: str, tenant: str, user: str, *, in_service: bool, dry_run: bool, yes: bool, json: bool) -> int:
    if not (customer or tenant or user) or (customer and (tenant or user)):
        raise Misuse(Text("misuse.whom"))
    with seller_app(interface="erase") as app:
        if not dry_run:
            confirm(Text("repair.ask.erase", subject=customer or " ".join(filter(None, (tenant, user)))), yes=yes)
        report = Eraser(app, DataSubject(customer, tenant, user), living=in_service, apply=not dry_run).run()
    if json:
        counts = {each: report.erased[each] for each in ERASED}
        click.echo(json_text.dumps({"dryRun": dry_run, "erased": counts, "left": report.left}))
    else:
        _show(report)
    return LEFT if report.left else 0


def _show(report: Erasure) -> None:
    print_table(("", ""), ((Text(f"repair.erased.{each}"), report.erased[each]) for each in ERASED))
    for instance_id in report.left:
        click.echo(str(Text("repair.in-service", instance=instance_id)))
    click.echo(str(Text("repair.kept")))
