"""``python -m emulator console``: the marketplace and its web console for a server in whatever language."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from emulator.clock import MovableClock
from emulator.commands.options import Misuse, add_keys, newest, target_of
from emulator.console.server import Console
from emulator.development import FOLDER, KEYS
from emulator.keys import SETTINGS, Keys
from emulator.marketplace.apis import Marketplace, OpenApiKeys
from emulator.marketplace.market import Market, MarketConfig
from emulator.marketplace.ticker import ticking
from emulator.seller.local_bundle import clock_offset
from emulator.wire.server import serving, stop_signal
from shared.clock import SystemClock
from shared.errors import ConfigurationError

OPEN_API = {"usage_key": "KOOGALLERY_USAGE_KEY", "ak": "KOOGALLERY_AK", "sk": "KOOGALLERY_SK"}
"""Where the keys of the seller's own calls are looked for."""


def main(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Serve until Ctrl-C; the exit code."""
    options = parser().parse_args(arguments)
    try:
        return _serve(options, environ)
    except (ConfigurationError, Misuse, OSError) as error:
        print(f"console: {error}", file=sys.stderr)
        return 2


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m emulator console",
        description="A marketplace with a web console, in front of your server. The clock of the marketplace can be "
        "moved; signatures always have the real time, or that of make serve with the same KOOGALLERY_CLOCK_OFFSET.",
    )
    made.add_argument("url", help="production address of your server, e.g. http://127.0.0.1:8080/saas")
    add_keys(made)
    made.add_argument("--usage-key", help="access key of the usage push; default: $KOOGALLERY_USAGE_KEY")
    made.add_argument("--ak", help="of the open APIs; default: $KOOGALLERY_AK")
    made.add_argument("--sk", help="of the open APIs; default: $KOOGALLERY_SK")
    made.add_argument("--port", type=int, default=8100, help="of the console and the open APIs (8100)")
    made.add_argument("--file", type=Path, default=FOLDER / "console.sqlite", help="where the marketplace is kept")
    made.add_argument("--seed", type=int, default=1, help="makes ids and chances")
    return made


def _serve(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    target = target_of(options.url)
    given = newest(options, environ, SETTINGS | OPEN_API, KEYS if options.development_keys else {})
    rsa = options.rsa_public_key.read_text(encoding="ascii") if options.rsa_public_key else ""
    keys = Keys(given["key"], given["access_key"], given["notify_key"], given["sync_key"], rsa)
    if not (keys.key or keys.access_key):
        raise Misuse("no key: set KOOGALLERY_KEY or KOOGALLERY_ACCESS_KEY, or use --key or --access-key")
    config = MarketConfig(
        keys=keys,
        target=target,
        clock=MovableClock(),
        signing_clock=SystemClock(clock_offset(environ.get("KOOGALLERY_CLOCK_OFFSET") or "0")),
        file=options.file,
        seed=options.seed,
        bits=options.aes_bits,
    )
    market = Market(config)
    console = Console(Marketplace(market, OpenApiKeys(given["usage_key"], given["ak"], given["sk"]), seed=options.seed))
    console.finished = True
    with stop_signal() as stopped, serving(console.front, port=options.port) as url, ticking(market):
        print(f"web console {url}/ for {options.url}, Ctrl-C to stop", flush=True)
        print(f"order query and usage API for your server: KOOGALLERY_API_URLS={url}", flush=True)
        stopped.wait()
    market.close()
    return 0
