"""``koogallery``: every command by the module it stands in."""

import io
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from emulator.commands import wrong_use
from emulator.commands.words import WordedGroup
from shared import __version__
from shared.errors import ConfigurationError

MODULES = {
    "new": "emulator.commands.new",
    "run": "emulator.commands.local",
    "demo": "emulator.commands.local",
    "serve": "emulator.commands.local",
    "invoke": "emulator.commands.local",
    "backup": "emulator.commands.backup",
    "restore": "emulator.commands.backup",
    "check": "emulator.commands.check",
    "doctor": "emulator.commands.doctor",
    "console": "emulator.commands.console",
    "trigger": "emulator.commands.trigger",
    "record": "emulator.commands.record",
    "soak": "emulator.commands.soak",
    "bench": "emulator.commands.bench",
    "deploy": "emulator.commands.deploy",
    "list": "emulator.commands.list",
    "find": "emulator.commands.find",
    "show": "emulator.commands.show",
    "timeline": "emulator.commands.timeline",
    "retry": "emulator.commands.retry",
    "complete": "emulator.commands.complete",
    "resync": "emulator.commands.resync",
    "rotate": "emulator.commands.rotate",
    "migrate": "emulator.commands.migrate",
    "redrive": "emulator.commands.redrive",
    "risk": "emulator.commands.risk",
    "reseal": "emulator.commands.reseal",
    "orders": "emulator.commands.orders",
    "erase": "emulator.commands.erase",
    "usage": "emulator.commands.usage",
    "reconcile": "emulator.commands.reconcile",
}
"""A command is made by :func:`emulator.commands.options.command`; its words are in ``emulator/texts/commands.toml``."""


@click.group("koogallery", WordedGroup, modules=MODULES, context_settings={"show_default": True})
@click.version_option(__version__, message="%(version)s")
def koogallery() -> None:
    """Everything is said by the commands."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code: 0 for success, 1 for failure, 2 for wrong use, 130 after Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without ✓ still gets the table
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.append(here)  # the seller's own provisioner; last, so that nothing there hides a module of ours
    try:
        return int(koogallery.main(arguments, "koogallery", standalone_mode=False) or 0)
    except click.Abort:
        return 130
    except click.ClickException as error:
        wrong_use.show(error, sys.argv[1:] if arguments is None else arguments)
        return error.exit_code
    except ConfigurationError as error:
        click.echo(str(error), err=True)
        return 1
