"""What ``make serve``, ``make run`` and ``make demo`` do."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from threading import Event
from typing import TextIO

from emulator.bundle import Local, local_app, local_settings, routes
from emulator.buyer_centre import BuyerCentre, NotTaken
from emulator.clock import MovableClock
from emulator.console import Console
from emulator.development import FOLDER
from emulator.journey import Player, Row, play
from emulator.journey.table import show
from emulator.journey.usage import Metering, usage
from emulator.seller import Seller
from emulator.server import Handle, running, stop_signal
from shared import log
from shared.errors import ConfigurationError

PORTS = {"PORT": 8000, "CONSOLE_PORT": 8100}
LOG = FOLDER / "run.log"


class Stopped(Exception):
    """Ctrl-C or SIGTERM in the middle of the journey."""


def serve(environ: Mapping[str, str]) -> int:
    """Only the bundle, until Ctrl-C. Its log goes to standard error.

    :raises ConfigurationError: a setting cannot be used, or the port is taken.
    """
    log.write_to(sys.stderr)
    local = local_settings(environ)
    app = local_app(local)
    announce(local, sys.stdout)
    with stop_signal() as stopped, listening(routes(app), environ, "PORT") as url:
        print(f"serving on {url}{app.settings.base_path}, Ctrl-C to stop", flush=True)
        stopped.wait()
    return 0


def run(environ: Mapping[str, str], *, keep_serving: bool) -> int:
    """The bundle, the emulator and one journey; then on until Ctrl-C, or the journey's verdict as exit code.

    :raises ConfigurationError: a setting cannot be used, or a port is taken.
    """
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    with LOG.open("w") as file, stop_signal() as stopped:
        log.write_to(file)
        try:
            return _run(environ, stopped, keep_serving)
        except Stopped:
            return 0 if keep_serving else 1
        finally:
            log.write_to(sys.stderr)


def _run(environ: Mapping[str, str], stopped: Event, keep_serving: bool) -> int:
    settings = local_settings(environ)
    clock = MovableClock(settings.offset)
    console = Console(replace(settings, clock=clock))
    with listening(console.handle, environ, "CONSOLE_PORT") as console_url:
        # The journey's orders are known to this emulator only, whatever the environment says.
        local = replace(local_settings({**environ, "KOOGALLERY_API_URLS": console_url}), clock=clock)
        app = local_app(local)
        announce(local, sys.stdout)
        with listening(routes(app), environ, "PORT") as url:
            console.bundle = f"{url}{app.settings.base_path}"
            print(f"bundle {console.bundle}, emulator {console_url}, log {LOG}", flush=True)
            seller = Seller(app)
            metering = Metering(console.usage, seller.upload, seller.reconcile, clock)
            passed = _play(Player(url, local.settings, clock, console.orders), metering, console, stopped)
            if keep_serving:
                console.buyer = BuyerCentre(url, app.settings, clock, console.identity, console_url)
                print(f"the result as a page: {console_url}/")
                print(_login(console.buyer, console_url))
                print("serving, Ctrl-C to stop", flush=True)
                stopped.wait()
                return 0
    return 0 if passed else 1


def _login(buyer: BuyerCentre, console_url: str) -> str:
    """Where a person can log in, or why not."""
    try:
        members = buyer.open().members.values()
    except NotTaken as refusal:
        return f"nobody can log in: {refusal}"
    accounts = ", ".join(f"{member.user_name} ({member.password})" for member in members)
    return f"log in: {console_url}/app as {accounts}; the buyer's side: {console_url}/buyer"


def _play(player: Player, metering: Metering, console: Console, stopped: Event) -> bool:
    def on_row(row: Row) -> None:
        console.rows.append(row)
        if stopped.is_set():
            raise Stopped

    started = time.monotonic()
    player.on_row = on_row
    rows = play(player)
    days = usage(player, metering)
    console.finished = True
    show(rows, days, time.monotonic() - started)
    return all(row.passed for row in rows)


def announce(local: Local, stream: TextIO) -> None:
    """Say which settings are made up (by name only), what the store is and whether the clock is shifted."""
    if local.defaulted:
        print(f"development defaults, not for production: {', '.join(local.defaulted)}", file=stream)
    print(f"store {local.settings.get('KOOGALLERY_STORE')}", file=stream)
    if local.offset:
        now = local.clock.now()
        print(f"clock shifted by {local.offset:+g} s: it is {now:%Y-%m-%d %H:%M:%S} UTC", file=stream)


@contextmanager
def listening(handle: Handle, environ: Mapping[str, str], variable: str) -> Iterator[str]:
    """A server on the port that environment variable ``variable`` names; its address.

    :raises ConfigurationError: the port is none, or it is taken.
    """
    port = _port(environ, variable)
    server = running(handle, port=port)
    try:
        url = server.__enter__()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigurationError(f"port {port}: {reason}; set {variable} to another") from error
    try:
        yield url
    finally:
        server.__exit__(None, None, None)


def _port(environ: Mapping[str, str], variable: str) -> int:
    text = environ.get(variable, "").strip() or str(PORTS[variable])
    if text.isascii() and text.isdigit() and int(text) < 65536:
        return int(text)
    raise ConfigurationError(f"{variable} must be a port number")
