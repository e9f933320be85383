"""``koogallery run``, ``demo``, ``serve`` and ``invoke``: the bundle on this machine."""

import os

import click

from emulator.commands.options import command


@command("run")
def run() -> int:
    from emulator.commands import local_run

    return local_run.run(os.environ, keep_serving=True)


@command("demo")
def demo() -> int:
    from emulator.commands import local_run

    return local_run.run(os.environ, keep_serving=False)


@command("serve")
def serve() -> int:
    from emulator.commands import local_run

    return local_run.serve(os.environ)


@command("invoke")
@click.argument("function", default="")
@click.argument("event", required=False)
@click.option("--sign/--no-sign", default=None)
def invoke(function: str, event: str | None, sign: bool | None) -> int:
    from emulator.seller.invoke import invoke

    return invoke(os.environ, function, event, sign=sign)
