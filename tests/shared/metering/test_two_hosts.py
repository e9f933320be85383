"""An upload over HTTP to two hosts, the first of which is not available: the second is asked in time, and what is
billed is what was used, whether the first had taken the records in or not.
"""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from threading import Event

import pytest

from emulator.openapi.usage.api import UsageApi
from emulator.openapi.usage.instances import Bought
from emulator.wire.api_answers import Dropped, page_answer
from emulator.wire.server import running
from functions import metering
from shared.app import App, install
from shared.clock import Deadline, SystemClock
from shared.http import HttpRequest, HttpResponse
from shared.openapi.usage_push import UsagePush
from shared.outbound.client import PooledClient
from tests.shared.metering.metered import METER, Metered
from tests.sockets import Script, answer, scripted

KEY, AK, SK = "usage-key", "ak", "sk"
SECONDS = 2.0
"""Real ones, for one run; the time of day is the world's."""
VALUES = ("1.5", "0.00004", "7", "0.25")
ALL = Decimal("8.75")


class Upload:
    """A bundle with usage that is due, and the marketplace's usage API to push it to."""

    def __init__(self, folder: Path) -> None:
        self.world = Metered(folder)
        self.api = UsageApi(KEY, AK, SK, self.world.clock)
        self.api.instances.register(Bought(METER, self.world.used_from))
        for hour, value in enumerate(VALUES):
            self.world.take_in(self.world.event(f"event-{hour}", value))
            self.world.hour_passes()

    def run(self, *urls: str) -> dict[str, int]:
        """One scheduled run of a new process."""
        app = self.world.restarted()
        push = UsagePush(urls, KEY, AK, SK, self.world.clock, client=PooledClient())
        parts = {"tables": app.tables, "provisioner": app.provisioner, "usage_push": push}
        install(again := App(app.settings, clock=app.clock, **parts))
        return metering.upload(again, {}, Deadline(SystemClock(), SECONDS))

    @property
    def billed(self) -> Decimal:
        return self.api.records.total(METER)


@pytest.fixture
def upload(tmp_path: Path) -> Upload:
    return Upload(tmp_path)


def hangs(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def drips(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    end = time.monotonic() + 3 * SECONDS
    while time.monotonic() < end:
        connection.sendall(b"X-A: a\r\n")
        time.sleep(0.02)


def resets(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def says(body: bytes, head: bytes) -> Script:
    return lambda connection: connection.sendall(answer(body, head))


NOT_TAKEN: dict[str, Script] = {
    "hangs": hangs,
    "drips": drips,
    "resets": resets,
    "closes": lambda connection: None,
    "page": says(b"<html>Bad Gateway</html>", b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html"),
    "page of success": says(b"<html>Welcome</html>", b"HTTP/1.1 200 OK\r\nContent-Type: text/html"),
    "nested": says(b'{"a":' * 60_000 + b"1" + b"}" * 60_000, b"HTTP/1.1 200 OK"),
    "not HTTP": lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n"),
}


@pytest.mark.parametrize("first", NOT_TAKEN.values(), ids=NOT_TAKEN)
def test_the_second_host_is_asked_in_time(upload: Upload, first: Script) -> None:
    with scripted(first) as server, running(upload.api.answer) as second:
        counts = upload.run(f"http://127.0.0.1:{server.port}", second)
    assert upload.billed == ALL
    assert counts["accepted"] == 3
    assert not counts.keys() & {"left", "held", "dead", "replaced"}
    assert server.requests


def test_the_second_host_is_asked_if_the_first_refuses_the_connection(upload: Upload) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with running(upload.api.answer) as second:
        counts = upload.run(f"http://127.0.0.1:{port}", second)
    assert (upload.billed, counts["accepted"]) == (ALL, 3)


def test_neither_host_is_available(upload: Upload) -> None:
    with scripted(hangs) as server, scripted(resets) as other:
        counts = upload.run(f"http://127.0.0.1:{server.port}", f"http://127.0.0.1:{other.port}")
        assert server.requests
        assert other.requests
    assert (upload.billed, counts["left"]) == (Decimal(0), 3)

    with running(upload.api.answer) as url:
        counts = upload.run(url)
    assert (upload.billed, counts["accepted"]) == (ALL, 3)


@contextmanager
def taking(upload: Upload, lose: Callable[[Event], HttpResponse]) -> Iterator[str]:
    """A host that takes the records in, and whose answer is lost."""
    over = Event()

    def handle(request: HttpRequest) -> HttpResponse:
        upload.api.answer(request)
        return lose(over)

    with running(handle) as url:
        yield url
        over.set()


def silent(over: Event) -> HttpResponse:
    over.wait(3 * SECONDS)
    return page_answer(200, "late")


def dropped(_over: Event) -> HttpResponse:
    raise Dropped


LOST: dict[str, Callable[[Event], HttpResponse]] = {
    "hangs": silent,
    "closes": dropped,
    "page": lambda _over: page_answer(502, "Bad Gateway"),
    "unreadable": lambda _over: HttpResponse(200, {}, b"[" * 60_000),
}


@pytest.mark.parametrize("lose", LOST.values(), ids=LOST)
def test_what_the_first_host_took_in_is_not_billed_again_through_the_second(
    upload: Upload, lose: Callable[[Event], HttpResponse]
) -> None:
    with taking(upload, lose) as first, running(upload.api.answer) as second:
        counts = upload.run(first, second)
    assert upload.billed == ALL
    assert counts["accepted"] == 3
    assert not counts.keys() & {"left", "held", "dead", "replaced"}


@pytest.mark.sweep
@pytest.mark.parametrize("lose", LOST.values(), ids=LOST)
def test_what_was_taken_in_is_not_billed_again_in_a_later_run(
    upload: Upload, lose: Callable[[Event], HttpResponse]
) -> None:
    with taking(upload, lose) as first, scripted(resets) as second:
        upload.run(first, f"http://127.0.0.1:{second.port}")
    assert upload.billed == ALL

    with running(upload.api.answer) as url:
        counts = upload.run(url)
    assert (upload.billed, counts["accepted"]) == (ALL, 3)


@pytest.mark.parametrize("status", [400, 500, 503])
def test_success_counts_whatever_the_status(upload: Upload, status: int) -> None:
    with running(lambda request: replace(upload.api.answer(request), status=status)) as url:
        counts = upload.run(url)
    assert (upload.billed, counts["accepted"], counts["calls"]) == (ALL, 3, 1)


def test_a_seller_who_has_no_access_key(upload: Upload) -> None:
    values = {
        **upload.world.values,
        "KOOGALLERY_ACCESS_KEY": f"{KEY},older",
        "KOOGALLERY_USAGE_AK_SK": "off",
    }
    with running(upload.api.answer) as url:
        app = upload.world.restarted()
        settings = replace(app.settings, lookup={**values, "KOOGALLERY_API_URLS": url}.get)
        parts = {"tables": app.tables, "provisioner": app.provisioner}
        install(again := App(settings, clock=app.clock, **parts))
        counts = metering.upload(again, {}, Deadline(SystemClock(), SECONDS))
    assert (upload.billed, counts["accepted"]) == (ALL, 3)
