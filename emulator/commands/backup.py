"""``koogallery backup`` and ``restore``: a copy of the SQLite store, and the way back."""

import os
from pathlib import Path

import click

from emulator.commands.options import command
from shared.config import Settings
from shared.errors import ConfigurationError
from shared.secrets import resolver
from shared.store.sqlite import backup as copies


@command("backup")
@click.argument("file", type=Path)
def backup(file: Path) -> int:
    copies.backup(_store(), file.resolve())
    return 0


@command("restore")
@click.argument("file", type=Path)
def restore(file: Path) -> int:
    copies.restore(file.resolve(), _store())
    return 0


def _store() -> Path:
    engine, path = Settings(os.environ.get, resolver(os.environ.get)).store
    if engine != "sqlite":
        raise ConfigurationError(f"KOOGALLERY_STORE is {engine}, which has backups of its own: see docs/server.md")
    return Path(path).resolve()
