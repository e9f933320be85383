"""The first of two hosts of the open APIs: it may be out of order while the second, which is the same service, is not
(metering and open APIs, sections 2.1 and 13: ``.com``, and ``.cn`` when that is unavailable).
"""

import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from waitress.channel import ClientDisconnected

from emulator.marketplace.faults.fault_list import HOST_BAD_GATEWAY, HOST_HANGS
from emulator.marketplace.faults.switches import Switches, Where
from emulator.wire.api_answers import page_answer
from shared.openapi.order_query import PATH as ORDER_QUERY
from shared.openapi.usage_push import NEW, OLD
from shared.runtimes.wsgi import write

LONGEST = 12.0
"""Real seconds that it holds a call at most; no caller waits for longer."""
_PATHS = (ORDER_QUERY, NEW, OLD)


def first_host(app: WSGIApplication, switches: Switches) -> WSGIApplication:
    """``app`` behind a host that may be out of order, as far as the open APIs are concerned."""

    def front(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        fault = switches.drawn(Where.HOST) if environ.get("PATH_INFO") in _PATHS else None
        if fault is None:
            return app(environ, start_response)
        if fault == HOST_BAD_GATEWAY:
            return write(page_answer(502, "bad gateway"), start_response)
        _hold(environ, LONGEST if fault == HOST_HANGS else 0.0)
        raise ClientDisconnected

    return front


@contextmanager
def dead_host() -> Iterator[str]:
    """The address of a host that refuses every connection."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens, and nobody else gets the port
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def _hold(environ: WSGIEnvironment, seconds: float) -> None:
    """Wait until the caller is gone, or for so long."""
    gone = environ.get("waitress.client_disconnected", bool)
    end = time.monotonic() + seconds
    while time.monotonic() < end and not gone():
        time.sleep(0.05)
