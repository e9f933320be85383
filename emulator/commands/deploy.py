"""``koogallery deploy``: to a cloud."""

import os
from typing import Any

import click

from emulator.commands.options import Misuse, command, misused
from emulator.commands.words import WordedGroup


@click.group("deploy", WordedGroup, modules={"aws": __name__})
def deploy() -> None:
    """Everything is done by the commands."""


@command("aws")
@click.option("--stack-name", default="koogallery")
@click.option("--region", show_default=False)
@click.option("--parameter", "parameters", multiple=True, metavar="NAME=VALUE")
@click.option("--no-check", is_flag=True)
def aws(**given: Any) -> int:
    from emulator.deployment.aws.command import StackOrder, deployed
    from emulator.deployment.aws.stack import Failed

    with misused(ValueError):
        try:
            return deployed(StackOrder(**given), os.environ)
        except Failed as error:
            raise Misuse(str(error)) from error
