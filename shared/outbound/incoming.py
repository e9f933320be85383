"""What comes in on a connection, as long as there is time.

A socket's own time-out begins anew with each byte that comes, so a server that drips could hold a call for hours; here
each read is given the time that is left, and all together a number of bytes.
"""

import re
import socket

from shared.clock import Deadline
from shared.errors import Unavailable
from shared.outbound.http_client import ConnectionLost

HEAD_LIMIT = 1 << 16
"""Bytes before the body at most, interim answers included; and of one line in it."""
_AT_ONCE = 1 << 16
_EMPTY_LINE = re.compile(rb"\n\r?\n")


class Incoming:
    """Every method raises ``TimeoutError`` when time is over, :class:`shared.errors.Unavailable` beyond the bytes that
    are ``allowed``, and :class:`ConnectionLost` if the other side ends too early.
    """

    def __init__(self, opened: socket.socket, deadline: Deadline) -> None:
        self._socket, self._deadline = opened, deadline
        self._held = bytearray()
        self.allowed = HEAD_LIMIT

    @property
    def is_empty(self) -> bool:
        """Was everything taken that came?"""
        return not self._held

    def head(self) -> bytes:
        """Everything up to the next empty line, and that."""
        seen = 0
        while not (end := _EMPTY_LINE.search(self._held, seen)):
            seen = max(0, len(self._held) - 2)
            self._wait()
        return self._taken(end.end())

    def line(self) -> bytes:
        """The next line, with its end."""
        seen = 0
        while not (end := self._held.find(b"\n", seen) + 1):
            seen = len(self._held)
            if seen > HEAD_LIMIT:
                raise too_large()
            self._wait()
        return self._taken(end)

    def exactly(self, count: int) -> bytes:
        """So many bytes."""
        while len(self._held) < count:
            self._wait()
        return self._taken(count)

    def rest(self, most: int) -> bytes:
        """Everything until the other side ends, at most so many bytes."""
        while len(self._held) <= most:
            if not self._more():
                return self._taken(len(self._held))
        raise too_large()

    def _taken(self, count: int) -> bytes:
        taken = bytes(self._held[:count])
        del self._held[:count]
        return taken

    def _wait(self) -> None:
        if not self._more():
            raise ConnectionLost("the connection broke (before the end of an answer)")

    def _more(self) -> bool:
        if not self.allowed:
            raise too_large()
        self._socket.settimeout(seconds_left(self._deadline))
        came = self._socket.recv(min(self.allowed, _AT_ONCE))
        self.allowed -= len(came)
        self._held += came
        return bool(came)


def too_large() -> Unavailable:
    """What is told of an answer that nobody reads to its end."""
    return Unavailable("the answer is too large")


def seconds_left(deadline: Deadline) -> float:
    """The time left, as a socket's time-out.

    :raises TimeoutError: there is none.
    """
    if seconds := deadline.left():
        return seconds
    raise TimeoutError
