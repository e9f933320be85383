"""What click says of a command line that it cannot read, in the language of the command.

Click has its messages in English alone, as whole sentences. Each has a form here; a test draws every one of them.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

import click

from emulator.commands.words import language, speak
from emulator.texts import LANGUAGES, Text, verbatim

FORMS = {
    "no-command": r"No such command (?P<name>'.+')\.",
    "no-option": r"No such option (?P<name>'.+?')\.",
    "no-option-but": r"No such option (?P<name>'.+?')\. Did you mean (?P<near>'.+')\?",
    "missing-option": r"Missing option (?P<name>'.+?')\.(?s:.*)",
    "missing-argument": r"Missing argument (?P<name>'.+?')\.(?s:.*)",
    "missing-command": r"Missing command\.",
    "too-many": r"Got unexpected extra arguments? \((?P<words>.+)\)",
    "needs-value": r"Option (?P<name>'.+') requires an argument\.",
    "takes-none": r"Option (?P<name>'.+') does not take a value\.",
    "invalid": r"Invalid value for (?P<name>'.+?'): (?P<reason>.+)",
    "no-number": r"(?P<value>'.*') is not a valid (?:integer|float|integer range)\.",
    "no-choice": r"(?P<value>'.*') is not one of (?P<choices>.+)\.",
    "range": r"(?P<value>.+) is not in the range (?P<range>.+)\.",
    "no-date": r"Invalid isoformat string: (?P<value>'.*')",
}
"""By the name of the text that stands for it."""


def told(message: str) -> Text:
    """A message of click's as a text; one that has no form, such as one of ours, stays as it is."""
    for name, form in FORMS.items():
        if found := re.fullmatch(form, message):
            said = {key: told(value) if key == "reason" else value for key, value in found.groupdict().items()}
            return Text(f"commands.click.wrong.{name}", **said)
    return verbatim(message)


def show(error: click.ClickException, arguments: Sequence[str]) -> None:
    """On standard error: how the command is called, where its help is, and what is wrong."""
    if not isinstance(error, click.UsageError) or isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return
    spoken = _asked(arguments) or language(error.ctx or click.Context(click.Command("koogallery")))
    if error.ctx:
        speak(error.ctx, spoken)
        click.echo(error.ctx.get_usage(), err=True)
        click.echo(Text("commands.click.try", command=error.ctx.command_path).said(spoken) + "\n", err=True)
    click.echo(Text("commands.click.error", message=told(error.format_message())).said(spoken), err=True)


def _asked(arguments: Sequence[str]) -> str:
    """``--lang`` may stand behind what was wrong, where click has not come to."""
    found = [after for before, after in pairwise(arguments) if before == "--lang"]
    found += [each.removeprefix("--lang=") for each in arguments if each.startswith("--lang=")]
    return next((each for each in found if each in LANGUAGES), "")
