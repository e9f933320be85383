"""waitress as it is set up here: large, slow and idle callers, and an end that drops nothing."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Any

import pytest

from shared.http import HttpRequest, HttpResponse
from shared.runtimes.wsgi import MAX_BODY, application
from shared.server import listener as module
from shared.server.listener import Listener


@contextmanager
def listening(handle: Any) -> Iterator[tuple[int, Event, Thread]]:
    over = Event()
    bound = socket.create_server(("127.0.0.1", 0))
    port = bound.getsockname()[1]
    server = Listener(application(handle), bound, threads=2)
    thread = Thread(target=server.run_until, args=(over.is_set,), daemon=True)
    thread.start()
    try:
        yield port, over, thread
    finally:
        over.set()
        thread.join(30)


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse(200, {"Body-Sign": "x"}, str(len(request.body)).encode())


def call(port: int, data: bytes, timeout: float = 10) -> bytes:
    """Everything that comes until the other side closes, which may not have read all."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        with suppress(ConnectionError):
            connection.sendall(data)
        return everything(connection)


def everything(connection: socket.socket) -> bytes:
    received = b""
    with suppress(ConnectionError):
        while piece := connection.recv(65536):
            received += piece
    return received


OK = b"HTTP/1.1 200 OK\r\n"
CLOSE = b"\r\nConnection: close\r\n"


def test_headers_keep_their_case_and_the_server_keeps_its_name() -> None:
    with listening(hello) as (port, *_):
        answer = call(port, b"GET / HTTP/1.1\r\nHost: x" + CLOSE + b"\r\n")

    assert answer.startswith(OK)
    assert b"\r\nBody-Sign: x\r\n" in answer
    assert b"Server:" not in answer


def test_what_is_a_little_too_large_reaches_the_bundle_without_its_body_and_more_is_refused() -> None:
    with listening(hello) as (port, *_):
        little, much = MAX_BODY + 1, MAX_BODY * 2
        head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d" + CLOSE + b"\r\n"
        assert call(port, head % little + b"x" * little).endswith(b"\r\n0")
        assert call(port, head % much).startswith(b"HTTP/1.1 413")
        assert not call(port, b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 64 * 1024 + b"\r\n\r\n").startswith(OK)


def test_slow_callers_are_let_go_and_keep_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLOWEST", 0.5)
    with listening(hello) as (port, *_):
        slow = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(5)]
        for each in slow:
            each.sendall(b"GET / HTTP/1.1\r\nHost:")
        assert call(port, b"GET / HTTP/1.1\r\nHost: x" + CLOSE + b"\r\n").endswith(b"0"), "two threads are free"
        assert [each.recv(1) for each in slow] == [b""] * 5, "closed without an answer"
        for each in slow:
            each.close()


def test_the_end_waits_for_what_was_begun_and_for_nothing_else() -> None:
    begun, go = Event(), Event()

    def slowly(request: HttpRequest) -> HttpResponse:
        begun.set()
        assert go.wait(20)
        return HttpResponse(200, {}, b"done")

    with listening(slowly) as (port, over, thread):
        idle = socket.create_connection(("127.0.0.1", port), timeout=10)
        busy = socket.create_connection(("127.0.0.1", port), timeout=10)
        busy.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert begun.wait(10)
        over.set()
        assert idle.recv(1) == b""
        time.sleep(0.3)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
        go.set()
        assert everything(busy).endswith(b"done")
        busy.close()
        idle.close()
        thread.join(10)
        assert not thread.is_alive()
