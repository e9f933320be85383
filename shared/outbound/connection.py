"""One connection to a server, and HTTP/1.1 on it, none of which takes longer than the deadline of the call.

``http.client`` reads the answer. Its time-outs begin anew with each byte that comes, so a server that drips could hold
a call for hours; here each read and each write is given the time that is left, and each answer a number of bytes.
"""

import selectors
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPException, HTTPResponse
from io import BufferedReader, RawIOBase
from selectors import EVENT_READ
from typing import Any

from shared.clock import Deadline
from shared.errors import Unavailable
from shared.http import HttpResponse
from shared.outbound.http_client import LIMIT, ConnectionLost, NotConnected

HEAD_LIMIT = 1 << 16
"""Bytes before the body at most, interim answers included."""
_AT_ONCE = 1 << 16
_Glance = getattr(selectors, "PollSelector", selectors.DefaultSelector)
"""What looks at a single connection once: the default of Linux is made for many, and opens a file of its own."""
_WITH_BODY = ("POST", "PUT", "PATCH")


class Connection:
    """A connection that stands. For one thread at a time. ``limit``: bytes of an answer at most."""

    def __init__(self, opened: socket.socket, limit: int = LIMIT) -> None:
        self._socket, self._limit = opened, limit
        self.reusable = False
        """Was the latest answer read to its end, and may there be another?"""

    def exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, deadline: Deadline
    ) -> HttpResponse:
        """Send a request and read its answer.

        :param target: path and query.
        :raises NotConnected: a header cannot be sent; nothing was.
        :raises ConnectionLost: it broke.
        :raises Unavailable: no answer in time, or one that is too large.
        """
        self.reusable = False
        request = _head(method, target, headers, body) + body
        try:
            # A server may refuse before it has read everything, and close: its answer counts.
            with suppress(BrokenPipeError, ConnectionResetError):
                self._send(request, deadline)
            return self._receive(method, deadline)
        except TimeoutError:
            raise Unavailable("no answer in time") from None
        except (HTTPException, OSError) as error:
            raise ConnectionLost(f"the connection broke ({type(error).__name__})") from None

    def is_quiet(self) -> bool:
        """Has the other side neither closed it nor said anything unasked?"""
        with _Glance() as waiting:
            waiting.register(self._socket, EVENT_READ)
            return not waiting.select(0)

    def close(self) -> None:
        self._socket.close()

    def _send(self, data: bytes, deadline: Deadline) -> None:
        rest = memoryview(data)
        while rest:
            self._socket.settimeout(_seconds(deadline))
            rest = rest[self._socket.send(rest[:_AT_ONCE]) :]

    def _receive(self, method: str, deadline: Deadline) -> HttpResponse:
        incoming = _Incoming(self._socket, deadline)
        response = _final(_Reader(incoming), method)
        if incoming.ended:
            raise ConnectionLost("the connection broke (before the end of the headers)")  # http.client takes it as one
        incoming.allowed = 2 * self._limit  # as sent: with the sizes of chunks, their extensions and trailers
        content = response.read(self._limit + 1)
        if len(content) > self._limit:
            raise Unavailable("the answer is too large")
        if response.length:
            raise ConnectionLost("the connection broke (in the middle of an answer)")
        self.reusable = not response.will_close
        return HttpResponse(response.status, {name.lower(): value for name, value in response.headers.items()}, content)


def connect(
    address: str,
    port: int,
    deadline: Deadline,
    tls: ssl.SSLContext | None = None,
    *,
    name: str = "",
    limit: int = LIMIT,
) -> Connection:
    """A new connection to an IP address.

    :param tls: for HTTPS; the certificate must be that of ``name``.
    :raises NotConnected: there is none before ``deadline``.
    """
    try:
        opened = socket.create_connection((address, port), _seconds(deadline))
    except OSError as error:
        raise NotConnected(f"no connection ({type(error).__name__})") from None
    try:
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            opened.settimeout(_seconds(deadline))
            opened = tls.wrap_socket(opened, server_hostname=name)
    except (OSError, ValueError) as error:
        opened.close()
        late = isinstance(error, TimeoutError)
        raise NotConnected("no connection in time" if late else "no secure connection") from None
    return Connection(opened, limit)


class _Incoming(RawIOBase):
    """What comes in, as long as there is time, and up to the bytes ``allowed``."""

    def __init__(self, opened: socket.socket, deadline: Deadline) -> None:
        self._socket, self._deadline = opened, deadline
        self.allowed = HEAD_LIMIT
        self.ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self.allowed:
            raise Unavailable("the answer is too large")
        self._socket.settimeout(_seconds(self._deadline))
        count = self._socket.recv_into(memoryview(buffer)[: self.allowed])
        self.allowed -= count
        self.ended = not count
        return count


class _Reader(BufferedReader):
    """What ``http.client`` takes for a socket. It closes its reader after an answer; more may follow on this one."""

    def makefile(self, _mode: str) -> "_Reader":
        return self

    def close(self) -> None:
        pass


def _final(reader: _Reader, method: str) -> HTTPResponse:
    """The answer behind any interim ones (1xx), its head read."""
    while True:
        response = HTTPResponse(reader, method=method)  # type: ignore[arg-type]  # it only calls makefile
        response.begin()
        if response.status >= 200:  # noqa: PLR2004 - below are interim answers
            return response


def _head(method: str, target: str, headers: Mapping[str, str], body: bytes) -> bytes:
    sized = {"Content-Length": str(len(body))} if body or method in _WITH_BODY else {}
    named = {**headers, "Accept-Encoding": "identity", **sized}
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items())]
    if not all(line.isascii() and line.isprintable() for line in lines):
        raise NotConnected("a header holds what cannot be sent")
    return "\r\n".join((*lines, "", "")).encode()


def _seconds(deadline: Deadline) -> float:
    """The time left, as a socket's time-out.

    :raises TimeoutError: there is none.
    """
    if seconds := deadline.left():
        return seconds
    raise TimeoutError
