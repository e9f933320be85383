"""``koogallery reseal``: the store under the newest storage key."""

import json as json_text
from collections import Counter
from collections.abc import Callable, Iterable

import click

from emulator.commands.options import command
from emulator.commands.seller_app import seller_app
from emulator.commands.steps import LEFT, confirm, mending
from emulator.terminal import items_done, print_table
from emulator.texts import Text
from shared.repair.reseal import Looked, Seal, resealed


@command("reseal")
@click.option("--check", is_flag=True)
@mending
def reseal(*, check: bool, dry_run: bool, yes: bool, json: bool) -> int:
    with seller_app(interface="reseal") as app:
        looking = check or dry_run
        if not looking:
            confirm(Text("repair.ask.reseal"), yes=yes)
        with items_done() as told:
            counts = _counted(resealed(app, check_only=looking), told)
    if json:
        click.echo(json_text.dumps({table: dict(each) for table, each in counts.items()}))
    else:
        _show(counts)
    bad = (Seal.LOST, Seal.OLD) if check or not looking else (Seal.LOST,)
    return LEFT if any(each[seal.value] for each in counts.values() for seal in bad) else 0


def _counted(looked: Iterable[Looked], told: Callable[[str, int], None]) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {}
    for each in looked:
        of_table = counts.setdefault(each.table, Counter())
        of_table["items"] += 1
        if each.seal:
            of_table[each.seal.value] += 1
        told(each.table, of_table["items"])
    return counts


def _show(counts: dict[str, Counter[str]]) -> None:
    columns = ("items", "newest", "resealed", "old", "lost")
    titles = [Text("repair.column.table"), *(Text(f"repair.seal.{each}") for each in columns)]
    print_table(titles, ([name, *(each[column] for column in columns)] for name, each in counts.items()))
