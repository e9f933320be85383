"""``koogallery run``, ``demo``, ``serve`` and ``invoke``: the bundle on this machine; ``serve`` for production."""

import os
from pathlib import Path

import click

from emulator.commands.options import command, misused, products_file
from emulator.commands.ports import port_of


@command("run")
@products_file
@click.option("--verbose", is_flag=True)
def run(products: Path | None, *, verbose: bool) -> int:
    return _run(products, keep_serving=True, verbose=verbose)


@command("demo")
@products_file
def demo(products: Path | None) -> int:
    return _run(products, keep_serving=False, verbose=True)


def _run(products: Path | None, *, keep_serving: bool, verbose: bool) -> int:
    from emulator.commands import local_run
    from emulator.marketplace.catalogue.product_files import read_file
    from emulator.marketplace.catalogue.product_rules import ProductsRefused

    with misused(ProductsRefused):
        own = read_file(products) if products else None
    return local_run.run(os.environ, keep_serving=keep_serving, verbose=verbose, products=own)


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
