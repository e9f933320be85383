"""What ``koogallery serve --development``, ``run`` and ``demo`` do."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from wsgiref.types import WSGIApplication

from emulator.clock import MovableClock
from emulator.commands.first_screen import announce, store_of
from emulator.commands.ports import port_of
from emulator.console.server import Console, console_for
from emulator.development import FOLDER
from emulator.journey import JourneyRow, Player, play_all
from emulator.journey.brief import show_parts
from emulator.journey.player import PATIENCE, PAUSE
from emulator.journey.table import show
from emulator.journey.usage import Metering
from emulator.marketplace.catalogue.product_entry import ProductFile
from emulator.marketplace.faults.first_host import first_host
from emulator.marketplace.market import Market
from emulator.marketplace.organisation.sign_in import prepare_login
from emulator.marketplace.storage.transactions import NotPossible
from emulator.marketplace.ticker import ticking
from emulator.seller.local_bundle import Local, local_app, local_settings
from emulator.seller.timers import SellerTimers
from emulator.texts import Text
from emulator.wire.server import serving, stop_signal
from shared import log
from shared.errors import ConfigurationError
from shared.runtimes.wsgi import application
from shared.server.routes import routes

LOG = FOLDER / "run.log"


class Interrupted(Exception):
    """Ctrl-C or SIGTERM in the middle of the journey."""


def serve(environ: Mapping[str, str]) -> int:
    """Only the bundle, until Ctrl-C. Its log goes to standard error.

    :raises ConfigurationError: a setting cannot be used, or the port is taken.
    """
    log.write_to(sys.stderr)
    local = local_settings(environ)
    app = local_app(local)
    announce(local, sys.stdout)
    print(Text("running.store", store=store_of(local)), flush=True)
    with stop_signal() as stopped, listening(application(routes(app)), environ, "PORT") as url:
        print(Text("running.serving", url=url + app.settings.base_path), flush=True)
        stopped.wait()
    return 0


def run(
    environ: Mapping[str, str], *, keep_serving: bool, verbose: bool = True, products: ProductFile | None = None
) -> int:
    """The bundle, the emulator and one journey; then on until Ctrl-C, or the journey's verdict as exit code.

    :param verbose: print each call of the journey, not only how each part of it went.
    :raises ConfigurationError: a setting cannot be used, or a port is taken.
    """
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    with LOG.open("w") as file, stop_signal() as stopped:
        log.write_to(file)
        try:
            return _run(environ, stopped, products, keep_serving=keep_serving, verbose=verbose)
        except Interrupted:
            return 0 if keep_serving else 1
        finally:
            log.write_to(sys.stderr)


def _run(
    environ: Mapping[str, str], stopped: Event, products: ProductFile | None, *, keep_serving: bool, verbose: bool
) -> int:
    settings = local_settings(environ)
    clock = MovableClock(settings.offset)
    file = market_file(settings) if keep_serving else None
    console = console_for(replace(settings, clock=clock), clock, file, products=products)
    first = first_host(console.front, console.market.switches)
    with serving(first) as first_url, listening(console.front, environ, "CONSOLE_PORT") as console_url:
        # The marketplace's orders are known to this emulator only, whatever the environment says.
        hosts = f"{first_url},{console_url}"
        local = replace(local_settings({**environ, "KOOGALLERY_API_URLS": hosts}), clock=clock)
        app = local_app(local)
        with listening(application(routes(app)), environ, "PORT") as url:
            console.join(app, url, console_url)
            print(Text("running.console", url=f"{console_url}/"))
            print(Text("running.bundle", bundle=console.market.sender.target.url, store=store_of(local), log=str(LOG)))
            announce(local, sys.stdout)
            player = Player(url, local.settings, clock, console.market.orders)
            passed = _play(player, console, stopped, verbose=verbose)
            if keep_serving:
                if not verbose:
                    print(Text("running.each", url=f"{console_url}/journey"))
                print(_login(console.market, console_url, stopped))
                print(Text("running.on"), flush=True)
                _keep_serving(console, stopped)
                return 0
    console.market.close()
    return 0 if passed else 1


def market_file(local: Local) -> Path:
    """The marketplace is kept beside the store it belongs to."""
    kind, _, path = local.settings.get("KOOGALLERY_STORE").partition(":")
    return (Path(path).parent if kind == "sqlite" and path else FOLDER) / "market.sqlite"


def _keep_serving(console: Console, stopped: Event) -> None:
    """Real time passes for marketplace and bundle, until Ctrl-C."""
    market = console.market
    timers = SellerTimers(console.seller, market.agenda, market.clock)
    timers.start()
    with ticking(market):
        stopped.wait()
    timers.stop()


def _login(market: Market, console_url: str, stopped: Event) -> str:
    """Where a person can log in, or why not. An instance that is slow to come is waited for as in the journey."""
    waits = iter(range(round(PATIENCE / PAUSE)))
    try:
        accounts = prepare_login(market, wait=lambda: next(waits, None) is not None and not stopped.wait(PAUSE))
    except NotPossible as refusal:
        return str(Text("running.nobody", reason=str(refusal)))
    user, password = accounts[0].user_name, accounts[0].password
    return str(Text("running.login", app=f"{console_url}/app", user=user, password=password))


def _play(player: Player, console: Console, stopped: Event, *, verbose: bool) -> bool:
    def on_row(row: JourneyRow) -> None:
        console.context.rows.append(row)
        if stopped.is_set():
            raise Interrupted

    started = time.monotonic()

    def on_wait(step: Text) -> None:
        if stopped.is_set():
            raise Interrupted
        print(
            Text("running.pending", chapter=player.chapter, step=step, seconds=f"{PATIENCE:g}"),
            flush=True,
        )

    player.on_row = on_row
    player.on_wait = on_wait
    player.on_call = console.keep
    seller, api = console.seller, console.marketplace.usage
    metering = Metering(api, seller.upload, seller.reconcile, console.market.clock)
    days = play_all(player, metering, console.market.catalogue.own())
    console.context.finished = True
    seconds = time.monotonic() - started
    show(player.rows, days, seconds) if verbose else show_parts(player.rows, seconds)
    return all(row.passed for row in player.rows)


@contextmanager
def listening(app: WSGIApplication, environ: Mapping[str, str], variable: str) -> Iterator[str]:
    """A server of ``app`` on the port that environment variable ``variable`` names; its address.

    :raises ConfigurationError: the port is none, or it is taken.
    """
    port = port_of(environ, variable)
    with ExitStack() as stack:
        try:
            url = stack.enter_context(serving(app, port=port))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ConfigurationError(f"port {port}: {reason}; set {variable} to another") from error
        yield url
