"""``koogallery resync``: tells the seller's product again how its instances should be."""

from collections.abc import Iterable

import click

from emulator.commands.options import Misuse, command
from emulator.commands.seller_app import seller_app
from emulator.commands.steps import harmless, tell
from emulator.texts import Text
from shared.app import App
from shared.instance.record import InstanceRecord
from shared.repair.resync import every_living, resynced


@command("resync")
@click.argument("instance_ids", metavar="ID...", nargs=-1)
@click.option("--all", "all_of_them", is_flag=True)
@click.option("--unsure", is_flag=True)
@harmless
def resync(instance_ids: tuple[str, ...], *, all_of_them: bool, unsure: bool, dry_run: bool, json: bool) -> int:
    if bool(instance_ids) is all_of_them:
        raise Misuse(Text("misuse.no-instances"))
    with seller_app(interface="resync") as app:
        records = _records(app, instance_ids)
        steps = (resynced(app, each, everything=not unsure, dry_run=dry_run) for each in records)
        return tell(steps, json=json)


def _records(app: App, instance_ids: tuple[str, ...]) -> Iterable[InstanceRecord]:
    if not instance_ids:
        return every_living(app)
    found = app.instances.get_many(instance_ids)
    if unknown := [each for each in instance_ids if each not in found]:
        raise Misuse(Text("misuse.unknown", ids=", ".join(unknown)))
    return [found[each] for each in dict.fromkeys(instance_ids)]
