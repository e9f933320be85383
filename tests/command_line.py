"""``koogallery`` in this process: run a command, or only read what it is given."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from io import StringIO
from typing import Any
from unittest.mock import patch

import click

from emulator.commands.cli import koogallery, main


def command(*name: str) -> Callable[[Sequence[str], Mapping[str, str]], int]:
    """A command, to be called with its arguments and all there is in its environment; it returns the exit code."""

    def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
        with patch.dict(os.environ, environ, clear=True):
            return main([*name, *arguments])

    return run


def found(*words: str) -> click.Context:
    """The command that these words call, with what it is given.

    :raises click.UsageError: there is none, or it cannot be called like this.
    """
    ctx = click.Context(koogallery)
    name, known, rest = koogallery.resolve_command(ctx, list(words))
    while isinstance(known, click.Group):
        name, known, rest = known.resolve_command(ctx, rest)
    assert known
    return known.make_context(name, rest)


def options(*name: str) -> set[str]:
    """What is its own and begins with ``--``."""
    known = every_command()[name]
    return {each for parameter in known.params for each in parameter.opts if each.startswith("--")} - {"--lang"}


def every_command() -> Mapping[tuple[str, ...], click.Command]:
    """All there are, groups too, by their names."""
    return dict(_walk((), koogallery))


def _walk(name: tuple[str, ...], known: click.Command) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield name, known
    if isinstance(known, click.Group):
        ctx = click.Context(known)
        for each in known.list_commands(ctx):
            inner = known.get_command(ctx, each)
            assert inner, each
            yield from _walk((*name, each), inner)


def said(*words: str, code: int = 0) -> list[dict[str, Any]]:
    """The JSON objects that a command prints, one a line, if it ends with ``code``."""
    with redirect_stdout(StringIO()) as out:
        assert main([*words, "--json"]) == code
    return [json.loads(line) for line in out.getvalue().splitlines()]
