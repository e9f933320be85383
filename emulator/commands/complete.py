"""``koogallery complete``: carries on with a pending instance now."""

import sys
from pathlib import Path

import click

from emulator.commands.options import command, misused
from emulator.commands.seller_app import seller_app
from emulator.commands.steps import harmless, tell
from shared.errors import KooGalleryError
from shared.http import HttpResponse
from shared.provisioning import Access
from shared.provisioning.webhook_answers import read_access
from shared.repair.completion import completed


@command("complete")
@click.argument("instance_id", metavar="ID")
@click.option("--access", "file", metavar="FILE")
@harmless
def complete(instance_id: str, file: str | None, *, dry_run: bool, json: bool) -> int:
    access = _access(file) if file else None
    with seller_app(interface="complete") as app:
        return tell([completed(app, instance_id, access, dry_run=dry_run)], json=json)


def _access(file: str) -> Access:
    """Access details as the webhook's backend answers them; from a file or standard input, so that no list of processes
    and no shell's history has them.
    """
    with misused(KooGalleryError):
        body = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return read_access(HttpResponse(200, {}, body))
