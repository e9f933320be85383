"""What the commands have in common: options, and the one way to say that something cannot be done."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar
from urllib.parse import urlsplit

import click

from emulator.commands.words import WordedCommand
from emulator.development import KEYS, kept
from emulator.keys import SETTINGS, Keys
from emulator.marketplace.catalogue.product_files import SETTING as PRODUCTS
from emulator.marketplace.delivery.sender import Target
from emulator.texts import Text, verbatim
from shared.config import Settings, of
from shared.errors import ConfigurationError
from shared.secrets import resolver

Command = TypeVar("Command", bound=Callable[..., Any])


class Misuse(click.ClickException):
    """The command line asks for something that cannot be done; the text says why."""

    exit_code = 2

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))
        self.command = click.get_current_context().info_name

    def show(self, file: Any = None) -> None:
        click.echo(f"{self.command}: {self.message}", file=file, err=file is None)


@contextmanager
def misused(kind: type[Exception]) -> Iterator[None]:
    """What is raised of this kind, and by the operating system, is the fault of who called.

    :raises Misuse: instead.
    """
    try:
        yield
    except (kind, OSError) as error:
        reason = ": ".join(map(str, filter(None, (getattr(error, name, None) for name in ("strerror", "filename")))))
        raise Misuse(verbatim(reason or str(error))) from error


def command(name: str, **options: Any) -> Callable[[Callable[..., int]], click.Command]:
    """A command of this name, whose function returns the exit code."""
    return click.command(name, WordedCommand, **options)


def newest_key(setting: str, value: str) -> str:
    """Of a setting's keys the newest, empty for none; each may be a reference.

    :raises ConfigurationError: it leads nowhere.
    """
    return next(iter(Settings(of({setting: value}), resolver(os.environ.get)).keys(setting)), "")


def key(option: str, setting: str) -> Callable[[Command], Command]:
    """A key: of several the newest. It may come from the setting, so that it shows in no list of processes, and be a
    reference as there.
    """

    def newest(value: str) -> str:
        try:
            return newest_key(setting, value)
        except ConfigurationError as error:
            raise click.BadParameter(str(error)) from None

    return click.option(
        option, type=newest, metavar="KEY", envvar=setting, show_envvar=True, default="", show_default=False
    )


def every(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """These options, in this order."""

    def decorated(function: Command) -> Command:
        for each in reversed(options):
            function = each(function)
        return function

    return decorated


signing_keys = every(*(key(f"--{name.replace('_', '-')}", setting) for name, setting in SETTINGS.items()))
"""The keys between marketplace and seller."""

server = every(
    click.argument("url", default=""),
    signing_keys,
    click.option("--rsa-public-key", type=Path, metavar="FILE"),
    click.option("--development-keys", is_flag=True),
    click.option("--aes-bits", type=click.Choice([128, 256]), default=256),
)
"""A server in whatever language: its production address, and the keys to call it with."""

json_file = click.option("--json", type=Path, metavar="FILE")
"""Where else to write the result, as JSON."""

products_file = click.option(
    "--products",
    type=Path,
    metavar="FILE",
    envvar=PRODUCTS,
    default=lambda: kept().get(PRODUCTS),
    show_envvar=True,
    show_default=False,
)
"""The seller's own products: as given, as the environment has them, or as the settings' file of the folder."""

as_json = click.option("--json", is_flag=True)
"""JSON in place of tables."""

following = click.option("--next", "after", metavar="NEXT")
"""Which page: what ``next`` of the page before says."""

lookups = every(*(click.option(f"--{name}", metavar="ID") for name in ("order", "customer", "user")))
"""What instances are looked up by."""


def completed(given: Mapping[str, Any], settings: Mapping[str, str], *, development: bool) -> dict[str, str]:
    """The keys of ``settings``, by name; if asked for, what is missing is as on a laptop."""
    return {name: given[name] or (KEYS.get(each, "") if development else "") for name, each in settings.items()}


def keys_of(options: SimpleNamespace, given: Mapping[str, Any], *, development: bool) -> Keys:
    """The keys to call the server with: those ``given``, and the public one of the options' file."""
    file: Path | None = options.rsa_public_key
    public = file.read_text(encoding="ascii", errors="replace") if file else ""
    return Keys(**completed(given, SETTINGS, development=development), rsa_public_key=public)


def target_of(url: str) -> Target:
    """The server at a production address.

    :raises Misuse: it is none.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Misuse(Text("misuse.address"))
    return Target(f"{parts.scheme}://{parts.netloc}", parts.path or "/")
