"""``koogallery list``: the instances, by state and expiry, a page at a time."""

from datetime import UTC, datetime

import click

from emulator.commands.instance_view import show_page
from emulator.commands.options import as_json, command, following
from emulator.commands.seller_app import seller_app
from shared.instance.lookup import listed
from shared.provisioning import State

STATES = ("PENDING", "ACTIVE", "FROZEN", "RELEASED")


def _moment(text: str) -> datetime:
    """A date, or a time; UTC where none is told."""
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


@command("list")
@click.option("--state", type=click.Choice(STATES, case_sensitive=False))
@click.option("--expires-before", type=_moment, metavar="DATE")
@following
@as_json
def list_instances(state: str | None, expires_before: datetime | None, after: str | None, json: bool) -> int:
    with seller_app() as app:
        found = listed(app, State(state) if state else None, expires_before, after)
    show_page(found, json=json)
    return 0
