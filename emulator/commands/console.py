"""``koogallery console``: the marketplace and its web console for a server in whatever language."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click

from emulator.clock import MovableClock
from emulator.commands.options import (
    Misuse,
    command,
    completed,
    key,
    keys_of,
    misused,
    products_file,
    server,
    target_of,
)
from emulator.console.server import Console
from emulator.development import FOLDER
from emulator.keys import OpenApiKeys
from emulator.marketplace.apis import Marketplace
from emulator.marketplace.catalogue.product_files import read_file
from emulator.marketplace.catalogue.product_rules import ProductsRefused
from emulator.marketplace.market import Market, MarketConfig
from emulator.marketplace.ticker import ticking
from emulator.seller.local_bundle import clock_offset
from emulator.texts import Text
from emulator.wire.server import serving, stop_signal
from shared.clock import SystemClock
from shared.errors import ConfigurationError

OPEN_API = {"usage_key": "KOOGALLERY_USAGE_KEY", "ak": "KOOGALLERY_AK", "sk": "KOOGALLERY_SK"}
"""Where the keys of the seller's own calls are looked for."""


@command("console")
@server
@key("--usage-key", OPEN_API["usage_key"])
@key("--ak", OPEN_API["ak"])
@key("--sk", OPEN_API["sk"])
@click.option("--port", type=int, default=8100)
@click.option("--file", type=Path, default=FOLDER / "console.sqlite")
@click.option("--seed", type=int, default=1)
@products_file
def console(**given: Any) -> int:
    with misused(ConfigurationError), misused(ProductsRefused):
        return _serve(SimpleNamespace(**given), os.environ)


def _serve(options: SimpleNamespace, environ: Mapping[str, str]) -> int:
    target = target_of(options.url)
    keys = keys_of(options, vars(options), development=options.development_keys)
    own = OpenApiKeys(**completed(vars(options), OPEN_API, development=options.development_keys))
    if not (keys.key or keys.access_key):
        raise Misuse(Text("misuse.no-console-key"))
    config = MarketConfig(
        keys=keys,
        target=target,
        clock=MovableClock(),
        signing_clock=SystemClock(clock_offset(environ.get("KOOGALLERY_CLOCK_OFFSET") or "0")),
        file=options.file,
        seed=options.seed,
        bits=options.aes_bits,
        products=read_file(options.products) if options.products else None,
    )
    market = Market(config)
    console = Console(Marketplace(market, own, seed=options.seed))
    console.context.finished = True
    with stop_signal() as stopped, serving(console.front, port=options.port) as url, ticking(market):
        print(Text("running.front", url=f"{url}/", server=options.url), flush=True)
        print(Text("running.apis", url=url), flush=True)
        stopped.wait()
    market.close()
    return 0
