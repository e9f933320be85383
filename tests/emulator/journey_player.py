"""Players of the journey: bundle and emulator on loopback ports, and the marketplace in front of them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar, cast
from urllib.parse import parse_qsl, urlsplit

from emulator.clock import MovableClock
from emulator.console.server import Console, console_for
from emulator.journey import Player
from emulator.journey.usage import Metering
from emulator.seller.local_bundle import Local, local_app, local_settings
from emulator.seller.seller import Seller
from emulator.wire.server import Handle, running, serving
from shared.app import App
from shared.http import HttpRequest, HttpResponse
from shared.server.routes import routes

Front = Callable[[Handle], Handle]


@contextmanager
def journey_player(environ: Mapping[str, str], *, front: Front | None = None, **parts: Any) -> Iterator[Player]:
    """A player before a bundle with the settings of ``environ``.

    :param front: put before the bundle, on a server that leaves header names as they are.
    :param parts: ``clock`` for everybody, ``provisioner`` for the bundle.
    """
    with _both(environ, front, parts) as (player, _, _):
        yield player


@contextmanager
def metered_player(
    environ: Mapping[str, str], *, front: Front | None = None, **parts: Any
) -> Iterator[tuple[Player, Metering]]:
    """The same with what it takes to meter usage: among others a clock that can be moved."""
    clock = MovableClock(local_settings(environ).offset)
    with _both(environ, front, parts | {"clock": clock}) as (player, app, console):
        seller = Seller(app)
        yield player, Metering(console.marketplace.usage, seller.upload, seller.reconcile, clock)


@contextmanager
def _both(
    environ: Mapping[str, str], front: Front | None, parts: Mapping[str, Any]
) -> Iterator[tuple[Player, App, Console]]:
    before = with_clock(local_settings(environ), parts)
    console = console_for(before, cast("MovableClock", before.clock))
    with serving(console.front, threads=4) as console_url:
        local = with_clock(local_settings({**environ, "KOOGALLERY_API_URLS": console_url}), parts)
        app = local_app(local)
        if "provisioner" in parts:
            app.__dict__["provisioner"] = parts["provisioner"]
        handle = routes(app)
        server = verbatim(front(handle)) if front else running(handle, threads=4)
        with server as url:
            console.join(app, url, console_url)
            yield Player(url, local.settings, local.clock, console.market.orders), app, console


def with_clock(local: Local, parts: Mapping[str, Any]) -> Local:
    """``local`` with the clock of the test, or one that can be moved."""
    return replace(local, clock=parts.get("clock") or MovableClock(local.offset))


@contextmanager
def verbatim(handle: Handle) -> Iterator[str]:
    """A server that sends header names as they are given: waitress would put them right."""

    class Verbatim(BaseHTTPRequestHandler):
        protocol_version: ClassVar[str] = "HTTP/1.1"  # type: ignore[misc]

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = tuple(parse_qsl(address.query, keep_blank_values=True))
            self.respond(handle(HttpRequest(self.command, address.path, query, headers, body, "request-1")))

        do_POST = do_GET  # noqa: N815 - the library's spelling

        def respond(self, response: HttpResponse) -> None:
            self.send_response_only(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            self.wfile.write(response.body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's parameter
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Verbatim)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
