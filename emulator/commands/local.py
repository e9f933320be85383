"""``koogallery run``, ``demo``, ``serve`` and ``invoke``: the bundle on this machine; ``serve`` for production."""

import os

import click

from emulator.commands.options import command
from emulator.commands.ports import port_of


@command("run")
def run() -> int:
    from emulator.commands import local_run

    return local_run.run(os.environ, keep_serving=True)


@command("demo")
def demo() -> int:
    from emulator.commands import local_run

    return local_run.run(os.environ, keep_serving=False)


@command("serve")
@click.option("--host", default="127.0.0.1")
@click.option("--port", type=int, show_default="PORT, 8000")
@click.option("--development", is_flag=True)
def serve(host: str, port: int | None, development: bool) -> int:
    environ = os.environ if port is None else {**os.environ, "PORT": str(port)}
    if development:
        from emulator.commands import local_run

        return local_run.serve(environ)
    from shared.server.supervisor import serve

    return serve(host, port_of(environ, "PORT"))


@command("invoke")
@click.argument("function", default="")
@click.argument("event", required=False)
@click.option("--sign/--no-sign", default=None)
def invoke(function: str, event: str | None, sign: bool | None) -> int:
    from emulator.seller.invoke import invoke

    return invoke(os.environ, function, event, sign=sign)
