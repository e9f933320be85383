"""``koogallery show``: one instance, and what happened to it."""

import click

from emulator.commands.instance_view import no_instance, show_whole
from emulator.commands.options import as_json, command
from emulator.commands.seller_app import seller_app
from shared.instance.lookup import happened


@command("show")
@click.argument("instance_id", metavar="ID")
@as_json
def show(instance_id: str, json: bool) -> int:
    with seller_app() as app:
        record = app.instances.get(instance_id)
        entries = happened(app, instance_id) if record else []
    if record is None:
        return no_instance(quiet=False)
    show_whole(record, entries, json=json)
    return 0
