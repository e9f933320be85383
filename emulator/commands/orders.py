"""``koogallery orders``: the orders of a month, and what they come to."""

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from emulator.commands.options import Misuse, as_json, command
from emulator.commands.seller_app import seller_app

if TYPE_CHECKING:
    from shared.orders.book import BookedOrder

PATIENCE = timedelta(minutes=2)
"""For what the order query has to be asked for."""


@command("orders")
@click.option("--month", required=True, metavar="YYYY-MM")
@as_json
@click.option("--csv", is_flag=True)
def orders(month: str, json: bool, csv: bool) -> int:
    from emulator.commands import order_view
    from shared.clock import Deadline
    from shared.orders.statement import statement

    if json and csv:
        raise Misuse("give one of --json and --csv")
    with seller_app() as app:
        found: list[BookedOrder] = statement(app, month, Deadline(app.clock, PATIENCE.total_seconds()))
        currency = app.settings.currency
    if json:
        click.echo(order_view.as_document(month, found, currency))
    elif csv:
        click.echo(order_view.as_csv(found, currency), nl=False)
    else:
        order_view.show(month, found, currency)
    return 0
