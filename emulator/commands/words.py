"""Commands whose help stands in the catalogue of texts, in English and Chinese.

What ``koogallery check --timeout`` means is the text ``commands.check.timeout``, or ``commands.options.timeout`` where
commands share an option; what the command does is ``commands.check.does``. A command's module has no words.
"""

import os
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

import click

from emulator.texts import LANGUAGES, Text, first, speaking

CLICK = {"Usage: ": "usage", "Options": "options", "Positional arguments": "arguments", "Commands": "commands"}
MARKS = {"default: ": "default", "env var: ": "setting", "required": "required"}
"""Click's own words, and the names of the texts that stand for them."""

_META = "emulator.language"


def language(ctx: click.Context) -> str:
    """What ``--lang`` says, else what the terminal speaks: Chinese, or English to everybody else."""
    terminal = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return str(ctx.meta.get(_META) or ("zh" if terminal.startswith("zh") else "en"))


def speak(ctx: click.Context, spoken: str) -> None:
    """From now on in this language."""
    ctx.meta[_META] = spoken


def _spoken(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    if value:
        speak(ctx, value)


class WordedFormatter(click.HelpFormatter):
    """Help, with click's own words in one language."""

    def __init__(self, spoken: str, width: int | None, max_width: int | None) -> None:
        super().__init__(width=width, max_width=max_width)
        self.spoken = spoken

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, self._said(prefix or "Usage: ", CLICK))

    def write_heading(self, heading: str) -> None:
        super().write_heading(self._said(heading, CLICK))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl([(name, self._said(words, MARKS)) for name, words in rows], col_max, col_spacing)

    def _said(self, words: str, known: Mapping[str, str]) -> str:
        head, bracket, marks = words.rpartition("[") if known is MARKS else ("", "", words)
        for word, name in known.items():
            marks = marks.replace(word, Text(f"commands.click.{name}").said(self.spoken))
        return head + bracket + marks


class WordedContext(click.Context):
    """The context of a command, which knows the language."""

    def make_formatter(self) -> click.HelpFormatter:
        return WordedFormatter(language(self), self.terminal_width, self.max_content_width)


class WordedCommand(click.Command):
    """A command with ``--lang``, and its help in words."""

    context_class = WordedContext

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        choice = click.Choice(list(LANGUAGES))
        self.params.append(click.Option(["--lang"], type=choice, is_eager=True, expose_value=False, callback=_spoken))

    def invoke(self, ctx: click.Context) -> Any:
        with speaking(language(ctx)):
            return super().invoke(ctx)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        name, spoken = ".".join(["commands", *ctx.command_path.split()[1:]]), language(ctx)
        self.help = Text(f"{name}.does").said(spoken)
        for parameter in self.get_params(ctx):
            own = parameter.opts[0].lstrip("-")
            parameter.help = first(f"{name}.{own}", f"commands.options.{own}").said(spoken)
        super().format_help(ctx, formatter)


class WordedGroup(WordedCommand, click.Group):
    """Commands by name, with the module each stands in, which is imported when it is called."""

    def __init__(self, *arguments: Any, modules: Mapping[str, str], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in self.modules:
            return None
        members = vars(import_module(self.modules[cmd_name])).values()
        return next(each for each in members if isinstance(each, click.Command) and each.name == cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        name = ".".join(["commands", *ctx.command_path.split()[1:]])
        said = {each: Text(f"{name}.{each}.does").said(language(ctx)) for each in self.modules}
        with formatter.section("Commands"):
            formatter.write_dl([(each, words.partition("\n")[0]) for each, words in said.items()])
