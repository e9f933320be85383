"""waitress on a socket that several processes share, with an end that drops no call, and no patience with slow callers.

waitress reads each call to its end before a thread gets it, so a slow caller costs a connection and no thread.
"""

import logging
import socket
import time
from collections.abc import Callable
from typing import Any
from wsgiref.types import WSGIApplication

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from shared import log
from shared.runtimes.wsgi import MAX_BODY

SLOWEST = 20.0
"""Seconds from the first byte of a call to its last."""
IDLE = 75
"""Seconds that a connection may wait for its next call: longer than load balancers keep one, so that they close it."""
GRACE = 20.0
"""Seconds that calls get to end in."""
_JUST_ACCEPTED = 1.0
_TICK = 0.2
_LIMITS = {
    "connection_limit": 1000,
    "backlog": 1024,
    "channel_timeout": IDLE,
    "cleanup_interval": 1,
    "max_request_header_size": 64 * 1024,
    "max_request_body_size": MAX_BODY + 2 * 1024 * 1024,  # what is a little too large still gets a signed refusal
    "ident": None,
    "clear_untrusted_proxy_headers": False,  # `proxies` does that
}


class OpenChannel(HTTPChannel):
    """Knows since when the call that it is being sent is on its way."""

    began: float | None = None

    def received(self, data: bytes) -> bool:
        """Take in what has come."""
        taken = bool(super().received(data))
        self.began = None if self.request is None else self.began or time.monotonic()
        return taken

    @property
    def waited_for(self) -> bool:
        """Is there a call to answer, or an answer to be read?"""
        return bool(self.requests or self.request is not None or self.total_outbufs_len or self.close_when_flushed)


class Listener(TcpWSGIServer):
    """Answers calls on ``listener`` with ``app``, on so many threads."""

    channel_class = OpenChannel

    def __init__(self, app: WSGIApplication, listener: socket.socket, threads: int) -> None:
        _complain_in_json()
        workers = ThreadedTaskDispatcher()
        self._sockets: dict[int, Any] = {}
        super().__init__(
            app,
            self._sockets,
            _sock=listener,
            bind_socket=False,
            dispatcher=workers,
            adj=Adjustments(**_LIMITS, threads=threads),
        )
        workers.set_thread_count(threads)

    def maintenance(self, now: float) -> None:
        """Once a second: close what has been idle, or too slow."""
        super().maintenance(int(now))
        slowest = time.monotonic() - SLOWEST
        for connection in self._connections():
            if connection.began is not None and connection.began < slowest:
                connection.will_close = True

    def run_until(self, over: Callable[[], bool]) -> None:
        """Serve; once it is ``over``, accept nothing more and end what was begun, within ``GRACE`` seconds."""
        while not over():
            self._turn()
        wasyncore.dispatcher.close(self)  # in this process; the others keep the socket and what waits in it
        end = time.monotonic() + GRACE
        while self._busy() and time.monotonic() < end:
            self._turn()
        self.task_dispatcher.shutdown(timeout=1)
        wasyncore.close_all(self._sockets)

    def _connections(self) -> list[OpenChannel]:
        return [each for each in self._sockets.values() if isinstance(each, OpenChannel)]

    def _turn(self) -> None:
        wasyncore.loop(timeout=_TICK, use_poll=True, map=self._sockets, count=1)

    def _busy(self) -> bool:
        """Close connections that nobody waits on; a caller who has just come may be about to speak."""
        now = time.time()
        for connection in self._connections():
            if not connection.waited_for and now - connection.last_activity > _JUST_ACCEPTED:
                connection.will_close = True
        return bool(self._connections())


class _Complaints(logging.Handler):
    """What waitress has to say, as a line of the bundle's log, without the values in it."""

    def emit(self, record: logging.LogRecord) -> None:
        log.event("the web server has something to say", reason=str(record.msg)[:200])


def _complain_in_json() -> None:
    logger = logging.getLogger("waitress")
    logger.handlers[:] = [_Complaints()]
    logger.propagate = False
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # that a call waits for a thread is no trouble
