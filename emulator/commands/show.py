"""``koogallery show``: one instance, and what happened to it."""

import click

from emulator.commands.instance_view import as_whole, no_instance, show_history, show_whole
from emulator.commands.options import as_json, command
from emulator.commands.seller_app import seller_app


@command("show")
@click.argument("instance_id", metavar="ID")
@as_json
def show(instance_id: str, json: bool) -> int:
    from shared.instance.lookup import happened

    with seller_app() as app:
        record = app.instances.get(instance_id)
        entries = happened(app, instance_id) if record else []
    if record is None:
        return no_instance(quiet=False)
    if json:
        click.echo(as_whole(record, entries))
    else:
        show_whole(record)
        show_history((instance_id, each) for each in entries)
    return 0
