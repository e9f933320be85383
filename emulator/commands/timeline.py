"""``koogallery timeline``: what happened to all instances of an order, a customer or a user, by time."""

from emulator.commands.find import found_by
from emulator.commands.instance_view import no_instance, show_history
from emulator.commands.options import as_json, command, lookups
from emulator.commands.seller_app import seller_app
from shared.instance.lookup import happened


@command("timeline")
@lookups
@as_json
def timeline(order: str | None, customer: str | None, user: str | None, json: bool) -> int:
    with seller_app() as app:
        found = found_by(app, order, customer, user, None)
        entries = [(each.instance_id, entry) for each in found.instances for entry in happened(app, each.instance_id)]
    entries.sort(key=lambda each: each[1].at)
    show_history(entries, json=json)
    return 0 if found.instances else no_instance(quiet=json)
