"""The deadline of a call holds whatever the other side does, and the connection is closed afterwards."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

import pytest

from shared.clock import Deadline, SystemClock
from shared.errors import Unavailable
from shared.outbound import LIMIT, ConnectionLost, NotConnected
from shared.outbound.client import PooledClient
from shared.outbound.incoming import HEAD_LIMIT
from tests.certificates import Authority
from tests.sockets import Script, answer, request_of, scripted

SECONDS = 0.3
FOR_EVER = 5.0
"""What the servers below would take, and less than a test may: a call that waits for them is not in time."""


@contextmanager
def in_time() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < FOR_EVER - 1


def dripping(before: bytes, drop: bytes, pause: float = 0.02) -> Script:
    """Says ``before`` and then ``drop`` again and again."""

    def script(connection: socket.socket) -> None:
        connection.sendall(before)
        end = time.monotonic() + FOR_EVER
        while time.monotonic() < end:
            connection.sendall(drop)
            time.sleep(pause)

    return script


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
DRIPPING = {
    "status line": (b"", b"H"),
    "header": (OK + b"X-A: ", b"a"),
    "headers": (OK, b"X-A: a\r\n"),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "early hints": (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    "headers of an interim answer": (b"HTTP/1.1 100 Continue\r\n", b"X-A: a\r\n"),
    "body": (OK + b"Content-Length: 1000000\r\n\r\n", b"x"),
    "body without an end": (OK + b"\r\n", b"x"),
    "size of a chunk": (CHUNKED, b"0"),
    "chunks": (CHUNKED, b"1\r\nx\r\n"),
    "chunk extension": (CHUNKED + b"1;a=", b"a"),
    "trailer": (CHUNKED + b"0\r\nX-A: ", b"a"),
    "trailers": (CHUNKED + b"0\r\n", b"X-A: a\r\n"),
}


def send(url: str, client: PooledClient | None = None, seconds: float = SECONDS, **more: object) -> bytes:
    deadline = Deadline(SystemClock(), seconds)
    return (client or PooledClient()).send("POST", url, headers={}, deadline=deadline, **more).body  # type: ignore[arg-type]


def closing(script: Script, closed: Event) -> Script:
    """``script``, and then note that the other side closes the connection."""

    def watched(connection: socket.socket) -> None:
        with suppress(OSError):
            script(connection)
        with suppress(ConnectionError):
            while connection.recv(65536):
                pass
        closed.set()

    return watched


@pytest.mark.sweep
@pytest.mark.parametrize(("before", "drop"), DRIPPING.values(), ids=DRIPPING)
def test_a_server_that_drips(before: bytes, drop: bytes) -> None:
    closed = Event()
    with scripted(closing(dripping(before, drop), closed)) as server, in_time():
        with pytest.raises(Unavailable, match="no answer in time") as caught:
            send(f"http://127.0.0.1:{server.port}/", repeatable=True)
        assert closed.wait(FOR_EVER), "the connection was left open"
    assert not isinstance(caught.value, NotConnected | ConnectionLost)
    assert len(server.requests) == 1


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.mark.sweep
@pytest.mark.parametrize("kind", ["header", "interim answers", "chunk extension", "trailers"])
def test_a_server_that_drips_in_secret(kind: str, authority: Authority) -> None:
    closed = Event()
    script = closing(dripping(*DRIPPING[kind]), closed)
    with scripted(script, authority.server("localhost")) as server, in_time():
        with pytest.raises(Unavailable, match="no answer in time"):
            send(f"https://localhost:{server.port}/", PooledClient(authority.client()), seconds=0.6)
        assert closed.wait(FOR_EVER), "the connection was left open"


@pytest.mark.parametrize(
    "kind", ["headers", "interim answers", "early hints", "chunk extension", "trailers", "status line"]
)
def test_a_server_that_pours_is_stopped_by_the_size(kind: str) -> None:
    before, drop = DRIPPING[kind]
    closed = Event()
    script = closing(dripping(before, drop * (1 << 15), pause=0), closed)
    with scripted(script) as server, in_time():
        with pytest.raises(Unavailable):
            send(f"http://127.0.0.1:{server.port}/", seconds=60)
        assert closed.wait(FOR_EVER), "the connection was left open"


def test_a_head_of_any_decent_size_is_read() -> None:
    head = OK[:-2] + b"\r\nX-A: " + b"a" * (HEAD_LIMIT // 2)
    with scripted(lambda connection: connection.sendall(answer(b"read", head))) as server:
        assert send(f"http://127.0.0.1:{server.port}/", seconds=10) == b"read"


def test_interim_answers_are_skipped() -> None:
    interim = (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
    )
    with scripted(lambda connection: connection.sendall(interim + answer(b"final"))) as server:
        assert send(f"http://127.0.0.1:{server.port}/", seconds=10) == b"final"


def test_chunks_with_extensions_and_trailers_are_read() -> None:
    body = CHUNKED + b"3;a=b\r\nabc\r\n2\r\nde\r\n0;c\r\nX-A: a\r\n\r\n"
    with scripted(lambda connection: connection.sendall(body)) as server:
        assert send(f"http://127.0.0.1:{server.port}/", seconds=10) == b"abcde"


def test_a_server_that_reads_nothing() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    with listener, in_time(), pytest.raises(Unavailable, match="no answer in time"):
        send(f"http://127.0.0.1:{listener.getsockname()[1]}/", body=b"x" * (64 * LIMIT))


def test_a_refusal_before_the_whole_request_was_read_counts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(answer(b"too much", b"HTTP/1.1 413 Too Large"))
                connection.shutdown(socket.SHUT_WR)
                time.sleep(0.2)

        thread = Thread(target=refuse, daemon=True)
        thread.start()
        assert send(f"http://127.0.0.1:{listener.getsockname()[1]}/", body=b"x" * 1000, seconds=10) == b"too much"
        thread.join()


def test_a_handshake_that_never_ends(authority: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, in_time(), pytest.raises(NotConnected):
        send(f"https://localhost:{listener.getsockname()[1]}/", PooledClient(authority.client()))


def test_a_name_service_that_does_not_answer() -> None:
    asked = Event()
    released = Event()

    def slow(_host: str, _port: int) -> list[str]:
        asked.set()
        released.wait(FOR_EVER)
        return ["127.0.0.1"]

    with in_time(), pytest.raises(NotConnected, match="name service"):
        send("http://localhost:9/", PooledClient(resolve=slow))
    assert asked.is_set()
    released.set()


def test_redirects_take_no_time() -> None:
    with scripted(lambda connection: connection.sendall(answer(b"there", b"HTTP/1.1 307 Go\r\nLocation: /"))) as server:
        assert send(f"http://127.0.0.1:{server.port}/", seconds=10) == b"there"
    assert len(server.requests) == 1


def keeping(*answers: bytes | None) -> Script:
    """Gives one answer after the other on a connection, and closes it at ``None`` or in the end."""

    def script(connection: socket.socket) -> None:
        for position, each in enumerate(answers):
            if position:
                request_of(connection)
            if each is None:
                return
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(each), each))

    return script


def in_turn(*scripts: Script) -> Script:
    """Another script for each connection."""
    rest = iter(scripts)

    def script(connection: socket.socket) -> None:
        next(rest)(connection)

    return script


def closed_at_once(connection: socket.socket) -> None:
    keeping(b"1")(connection)


def reset_at_once(connection: socket.socket) -> None:
    keeping(b"1")(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def half_of_the_second(connection: socket.socket) -> None:
    keeping(b"1")(connection)
    request_of(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nConte")


GONE: dict[str, Script] = {
    "closed while idle": closed_at_once,
    "reset while idle": reset_at_once,
    "closed at the next request": keeping(b"1", None),
    "half an answer to the next request": half_of_the_second,
}


@pytest.mark.parametrize("gone", GONE.values(), ids=GONE)
@pytest.mark.parametrize("repeatable", [True, False])
def test_a_kept_connection_that_is_dead_costs_no_answer(gone: Script, repeatable: bool) -> None:
    client = PooledClient()
    with scripted(in_turn(gone, keeping(b"new"))) as server:
        url = f"http://127.0.0.1:{server.port}/"
        assert send(url, client, seconds=10) == b"1"
        time.sleep(0.05)
        assert send(url, client, seconds=10, repeatable=repeatable) == b"new"


@pytest.mark.parametrize("secret", [False, True])
def test_a_kept_connection_is_used_as_long_as_it_stands(authority: Authority, secret: bool) -> None:
    client, made = PooledClient(authority.client()), []

    def headers() -> dict[str, str]:
        made.append(1)
        return {}

    script = in_turn(keeping(b"1", b"2"), keeping(b"new"))
    with scripted(script, authority.server("localhost") if secret else None) as server:
        url = f"http{'s' if secret else ''}://localhost:{server.port}/"
        for body, closed in ((b"1", 0), (b"2", 1), (b"new", 2)):
            answer = client.send("GET", url, headers=headers, deadline=Deadline(SystemClock(), 10))
            assert answer.body == body
            server.until_closed(closed)
    assert (len(server.requests), len(made)) == (2, 3), "that it was closed is seen before a call leaves on it"


def test_what_must_not_be_sent_twice_gets_a_new_connection() -> None:
    client = PooledClient()
    with scripted(in_turn(keeping(b"1", b"2"), keeping(b"new", b"kept"))) as server:
        url = f"http://127.0.0.1:{server.port}/"
        bodies = [send(url, client, seconds=10, repeatable=repeatable) for repeatable in (True, False, True)]
    assert bodies == [b"1", b"new", b"kept"]
    assert len(server.requests) == 2


@pytest.mark.parametrize("repeatable", [True, False])
def test_a_new_connection_that_breaks_is_not_tried_again(repeatable: bool) -> None:
    with scripted(lambda connection: None) as server, pytest.raises(ConnectionLost):
        send(f"http://127.0.0.1:{server.port}/", seconds=10, repeatable=repeatable)
    assert len(server.requests) == 1


def test_a_repeat_that_fails_is_the_last() -> None:
    client = PooledClient()
    with scripted(in_turn(keeping(b"1", None), lambda connection: None, keeping(b"third"))) as server:
        url = f"http://127.0.0.1:{server.port}/"
        send(url, client, seconds=10)
        with pytest.raises(ConnectionLost):
            send(url, client, seconds=10, repeatable=True)
    assert len(server.requests) == 2


def test_a_kept_connection_that_is_silent_is_waited_for_once() -> None:
    client = PooledClient()
    with scripted(dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b"", pause=0.1)) as server, in_time():
        url = f"http://127.0.0.1:{server.port}/"
        send(url, client, seconds=10)
        with pytest.raises(Unavailable, match="in time"):
            send(url, client, repeatable=True)
    assert len(server.requests) == 1


def test_headers_are_made_anew_for_each_time_the_call_leaves() -> None:
    client = PooledClient()
    nonces = iter("abc")

    def headers() -> dict[str, str]:
        return {"Nonce": next(nonces)}

    with scripted(in_turn(keeping(b"1", None), keeping(b"2"))) as server:
        url = f"http://127.0.0.1:{server.port}/"
        for _ in range(2):
            client.send("GET", url, headers=headers, deadline=Deadline(SystemClock(), 10))
    assert [b"Nonce: a" in server.requests[0], b"Nonce: c" in server.requests[1]] == [True, True]

    with pytest.raises(NotConnected):
        PooledClient().send("GET", url, headers=headers, deadline=Deadline(SystemClock(), 1))
    assert not list(nonces), "none is made for a call that does not leave"


def test_an_old_connection_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    client = PooledClient()
    now = time.time()
    with scripted(in_turn(keeping(b"1", b"2"), keeping(b"new"))) as server:
        url = f"http://127.0.0.1:{server.port}/"
        send(url, client, seconds=10)
        monkeypatch.setattr(time, "time", lambda: now + 60)
        assert send(url, client, seconds=10, repeatable=True) == b"new"


def test_only_a_few_connections_are_kept() -> None:
    client = PooledClient()
    closed = Event()
    with scripted(closing(keeping(b"1"), closed)) as first:
        send(f"http://127.0.0.1:{first.port}/", client, seconds=10)
        for number in range(16):
            with scripted(closing(keeping(b"1"), Event())) as other:
                assert not closed.is_set(), number
                send(f"http://127.0.0.1:{other.port}/", client, seconds=10)
        assert closed.wait(FOR_EVER)


@pytest.mark.parametrize("value", ["a\r\nX-B: b", "a\nb", "\x00", "ä", "\ud800"])
def test_headers_that_cannot_be_sent(value: str) -> None:
    with scripted(keeping(b"1")) as server, pytest.raises(NotConnected) as caught:
        PooledClient().send(
            "GET",
            f"http://127.0.0.1:{server.port}/",
            headers={"Authorization": f"Bearer secret {value}"},
            deadline=Deadline(SystemClock(), 10),
        )
    assert "secret" not in str(caught.value)
    assert server.requests == []
