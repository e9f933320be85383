"""One connection to a server, and HTTP/1.1 on it, none of which takes longer than the deadline of the call."""

import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress

from shared.clock import Deadline
from shared.errors import Unavailable
from shared.http import HttpResponse
from shared.outbound.answer_reader import read_answer
from shared.outbound.http_client import LIMIT, ConnectionLost, NotConnected
from shared.outbound.incoming import Incoming, seconds_left

_AT_ONCE = 1 << 16
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
            answer, self.reusable = read_answer(Incoming(self._socket, deadline), method, self._limit)
        except TimeoutError:
            raise Unavailable("no answer in time") from None
        except OSError as error:
            raise ConnectionLost(f"the connection broke ({type(error).__name__})") from None
        return answer

    def is_quiet(self) -> bool:
        """Has the other side neither closed it nor said anything unasked?"""
        self._socket.settimeout(0)
        try:
            socket.socket.recv(self._socket, 1, socket.MSG_PEEK)  # of what comes below TLS
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    def close(self) -> None:
        self._socket.close()

    def _send(self, data: bytes, deadline: Deadline) -> None:
        rest = memoryview(data)
        while rest:
            self._socket.settimeout(seconds_left(deadline))
            rest = rest[self._socket.send(rest[:_AT_ONCE]) :]


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
        opened = socket.create_connection((address, port), seconds_left(deadline))
    except OSError as error:
        raise NotConnected(f"no connection ({type(error).__name__})") from None
    try:
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            opened.settimeout(seconds_left(deadline))
            opened = tls.wrap_socket(opened, server_hostname=name)
    except (OSError, ValueError) as error:
        opened.close()
        late = isinstance(error, TimeoutError)
        raise NotConnected("no connection in time" if late else "no secure connection") from None
    return Connection(opened, limit)


def _head(method: str, target: str, headers: Mapping[str, str], body: bytes) -> bytes:
    sized = {"Content-Length": str(len(body))} if body or method in _WITH_BODY else {}
    named = {**headers, "Accept-Encoding": "identity", **sized}
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items())]
    if not all(line.isascii() and line.isprintable() for line in lines):
        raise NotConnected("a header holds what cannot be sent")
    return "\r\n".join((*lines, "", "")).encode()
