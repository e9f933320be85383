"""A server below HTTP: answers each connection as a script says, for what a well-behaved server never does."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread

Script = Callable[[socket.socket], None]


@dataclass
class SocketServer:
    """``port`` on 127.0.0.1, and what came in: whole requests, and the names TLS clients asked for.

    ``closed``: how many connections are over.
    """

    port: int
    requests: list[bytes] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    closed: int = 0

    def until_closed(self, number: int) -> None:
        """Wait until so many connections are."""
        end = time.monotonic() + 20
        while self.closed < number:
            assert time.monotonic() < end, "the connection was left open"
            time.sleep(0.01)


@contextmanager
def scripted(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[SocketServer]:
    """Run ``script(connection)`` for each connection, on a thread of its own, after its first request has been read."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = SocketServer(listener.getsockname()[1])
    if tls is not None:
        tls.sni_callback = lambda _socket, name, _context: server.names.append(name)

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            Thread(target=talk, args=(connection,), name="scripted-connection", daemon=True).start()

    def talk(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.settimeout(10)
            with tls.wrap_socket(connection, server_side=True) if tls else connection as open_connection:
                server.requests.append(request_of(open_connection))
                script(open_connection)
        server.closed += 1

    thread = Thread(target=serve, name="scripted", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def request_of(connection: socket.socket) -> bytes:
    """The next request on ``connection``, whose body is as long as its ``Content-Length`` says."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _some(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    lengths = [line[16:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length: ")]
    while len(body) < int(lengths[0] if lengths else b"0"):
        body += _some(connection)
    return head + b"\r\n\r\n" + body


def _some(connection: socket.socket) -> bytes:
    if data := connection.recv(65536):
        return data
    raise ConnectionError


def answer(body: bytes, head: bytes = b"HTTP/1.1 200 OK") -> bytes:
    """A complete answer, after which the connection is closed."""
    return head + b"\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
