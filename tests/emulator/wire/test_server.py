"""The local server over real sockets."""

import gc
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPResponse
from threading import Barrier, Event
from urllib.parse import urlsplit

import pytest

from emulator.wire.server import MAX_BODY as SERVER_LIMIT
from emulator.wire.server import running
from shared.http import HttpRequest, HttpResponse
from shared.runtimes.wsgi import MAX_BODY as FUNCTION_LIMIT

EVERY_BYTE = bytes(range(256)) + "购买成功\r\n".encode()


def echo(request: HttpRequest) -> HttpResponse:
    sizes = f"{len(request.body)} {request.headers.get('content-length')}"
    return HttpResponse(200, {"Body-Sign": 'signature="x"', "X-Sizes": sizes}, request.body, ("a=1", "b=2"))


def raw_exchange(url: str, request: bytes) -> bytes:
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def post(url: str, body: bytes, headers: dict[str, str] | None = None) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
    connection.request("POST", "/saas", body, headers or {})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response, content


def test_header_names_and_bytes_are_on_the_wire_as_given():
    head = f"POST /saas HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(EVERY_BYTE)}\r\n\r\n"
    with running(echo) as url:
        answer = raw_exchange(url, head.encode() + EVERY_BYTE)
    fields, _, body = answer.partition(b"\r\n\r\n")
    assert fields.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b'\r\nBody-Sign: signature="x"\r\n' in fields
    assert b"\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2" in fields
    assert body == EVERY_BYTE


def test_a_chunked_body_arrives_whole():
    head = b"POST /saas HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    with running(echo) as url:
        answer = raw_exchange(url, head + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    assert answer.endswith(b"\r\n\r\nabcde")


def test_a_connection_is_kept_for_further_requests():
    with running(echo) as url:
        connection = HTTPConnection(urlsplit(url).netloc, timeout=30)
        for body in (b"first", b"second"):
            connection.request("POST", "/saas", body)
            used = connection.sock
            assert connection.getresponse().read() == body
            assert connection.sock is used is not None
        connection.close()


def test_fifty_requests_are_handled_at_the_same_time():
    together = Barrier(50, timeout=60)  # opens only once fifty handlers have arrived

    def handle(request: HttpRequest) -> HttpResponse:
        together.wait()
        return HttpResponse(200, {}, request.body)

    with running(handle) as url, ThreadPoolExecutor(50) as clients:
        answers = list(clients.map(lambda number: post(url, str(number).encode())[1], range(50)))
    assert answers == [str(number).encode() for number in range(50)]


def test_a_request_that_waits_for_a_thread_is_nothing_to_complain_about(caplog):
    several = Barrier(4)

    def asked(url: str) -> int:
        several.wait(30)
        return post(url, b"")[0].status

    def slow(_request: HttpRequest) -> HttpResponse:
        time.sleep(0.1)
        return HttpResponse(200, {}, b"")

    with running(slow, threads=1) as url, ThreadPoolExecutor(4) as executor:
        assert list(executor.map(asked, [url] * 4)) == [200] * 4
    assert caplog.records == []


@pytest.mark.parametrize("size", [FUNCTION_LIMIT, FUNCTION_LIMIT + 1, 10 * 1024 * 1024])
def test_a_body_over_the_functions_limit_is_answered_by_the_function_without_it(size):
    with running(echo) as url:
        response, content = post(url, bytes(size))
    seen = size if size <= FUNCTION_LIMIT else 0
    assert (response.status, len(content)) == (200, seen)
    assert response.headers["Body-Sign"] == 'signature="x"'
    assert response.headers["X-Sizes"] == f"{seen} {size}"


def test_what_nobody_came_for_leaves_no_open_file():
    asked = Event()

    def large(_request: HttpRequest) -> HttpResponse:
        asked.set()
        return HttpResponse(200, {}, bytes(8 * 1024 * 1024))

    with running(large) as url, socket.create_connection(("127.0.0.1", urlsplit(url).port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        asked.wait(60)
    gc.collect()  # a file that is open then is an error


def test_a_body_over_the_servers_limit_is_refused_by_its_length():
    head = f"POST /saas HTTP/1.1\r\nHost: x\r\nContent-Length: {SERVER_LIMIT}\r\n\r\n"
    with running(echo) as url:
        assert raw_exchange(url, head.encode()).startswith(b"HTTP/1.1 413 ")


def test_a_handler_that_fails_costs_only_its_own_request(caplog):
    def handle(request: HttpRequest) -> HttpResponse:
        if request.body == b"fail":
            raise RuntimeError("on purpose")
        return HttpResponse(200, {}, b"fine")

    with running(handle) as url:
        assert post(url, b"fail")[0].status == 500
        assert post(url, b"go on")[1] == b"fine"
    assert "on purpose" in caplog.text


def test_the_port_is_free_again_afterwards_and_refused_while_taken():
    with running(echo) as url:
        port = urlsplit(url).port
        assert port is not None
        with pytest.raises(OSError, match="in use"), running(echo, port=port):
            pass
    with running(echo, port=port) as again:
        assert post(again, b"x")[1] == b"x"


def test_a_request_under_way_is_answered_before_the_server_stops():
    entered, leave = Barrier(2, timeout=30), Barrier(2, timeout=30)

    def handle(request: HttpRequest) -> HttpResponse:
        entered.wait()
        leave.wait()
        return HttpResponse(200, {}, b"done")

    with ThreadPoolExecutor(2) as pool:
        with running(handle) as url:
            answer = pool.submit(post, url, b"")
            entered.wait()
            pool.submit(leave.wait)
        assert answer.result()[1] == b"done"


SERVE = """
from emulator.wire.server import serve
from shared.http import HttpResponse
serve(lambda request: HttpResponse(200, {}, request.body), port=0)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_announces_its_address_and_ends_cleanly_at_a_signal(number):
    command = [sys.executable, "-c", SERVE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().split()[2].rstrip(",")
            assert post(url, b"hello")[1] == b"hello"
            os.kill(process.pid, number)
            rest, errors = process.communicate(timeout=30)
        finally:
            process.kill()
    assert (process.returncode, rest, errors) == (0, "", "")
