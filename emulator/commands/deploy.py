"""``koogallery deploy``: to a cloud."""

import os
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

import click

from emulator.commands.options import Misuse, command, misused
from emulator.commands.words import WordedGroup
from emulator.texts import Text, verbatim

BUILD = Path("build")


@click.group("deploy", WordedGroup, modules={"aws": __name__, "huawei": __name__})
def deploy() -> None:
    """Everything is done by the commands."""


@command("aws")
@click.option("--stack-name", default="koogallery")
@click.option("--region", show_default=False)
@click.option("--parameter", "parameters", multiple=True, metavar="NAME=VALUE")
@click.option("--no-check", is_flag=True)
def aws(**given: Any) -> int:
    from emulator.deployment.aws.command import StackOrder, deployed
    from emulator.deployment.aws.stack import DeploymentFailed

    with misused(ValueError):
        try:
            return deployed(StackOrder(**given), os.environ)
        except DeploymentFailed as error:
            raise Misuse(verbatim(str(error))) from error


@command("huawei")
def huawei() -> int:
    from emulator.packaging.artifacts import functiongraph
    from emulator.packaging.huawei.archive import rfs_template

    with misused(CalledProcessError):
        functiongraph(BUILD)
        click.echo(str(Text("running.rfs", path=str(rfs_template(BUILD)))))
    return 0
