"""A local HTTP/1.1 server in front of the bundle, or of any other function from request to response.

It stands in for a platform's gateway and has a gateway's limits: above ``MAX_BODY`` it answers 413 itself, and what
lies between :data:`shared.runtimes.wsgi.MAX_BODY` and that reaches the function without its body. Large bodies wait in
a temporary file, not in memory.

waitress capitalises the words of a header's name (``body-sign`` leaves as ``Body-Sign``), so a wrongly spelt name does
not show here. The tests of the runtime adapters are what guards the spelling.
"""

import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from types import FrameType
from typing import Any
from wsgiref.types import WSGIApplication

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import ClientDisconnected
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from emulator.wire.api_answers import Dropped
from shared.http import HttpRequest, HttpResponse
from shared.runtimes.wsgi import application

Handle = Callable[[HttpRequest], HttpResponse]

HOST = "127.0.0.1"
MAX_BODY = 12 * 1024 * 1024
"""Bytes of body accepted at most, as by Huawei Cloud's API Gateway."""


@contextmanager
def running(handle: Handle, *, port: int = 0, threads: int = 64) -> Iterator[str]:
    """:func:`serving`, for a function from request to response, which may raise ``Dropped``."""
    with serving(application(droppable(handle)), port=port, threads=threads) as url:
        yield url


@contextmanager
def serving(app: WSGIApplication, *, port: int = 0, threads: int = 64) -> Iterator[str]:
    """Serve ``app`` on threads of its own for as long as the context lasts, and yield the server's address.

    :param port: 0 picks a free one.
    :param threads: requests answered at the same time; more wait.
    :raises OSError: if the port is taken.
    """
    # That a request waits for a thread is no trouble, nor on a busy machine that all are still starting.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    listener = socket.create_server((HOST, port))  # not left to waitress, which keeps it open when the port is taken
    sockets: dict[int, Any] = {}
    workers = ThreadedTaskDispatcher()
    limits = Adjustments(connection_limit=1000, max_request_body_size=MAX_BODY)
    server = TcpWSGIServer(app, sockets, _sock=listener, bind_socket=False, dispatcher=workers, adj=limits)
    workers.set_thread_count(threads)
    stopping = Event()

    def loop() -> None:
        while not stopping.is_set():
            wasyncore.loop(timeout=1, use_poll=True, map=sockets, count=1)  # select() would end at 1024 descriptors

    thread = Thread(target=loop, name="local-server", daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{listener.getsockname()[1]}"
    finally:
        workers.shutdown()
        stopping.set()
        server.pull_trigger()
        thread.join()
        channels: dict[int, Any] = vars(server)["active_channels"]
        for channel in list(channels.values()):
            channel.handle_close()  # with the files that hold what was still to be sent
        wasyncore.close_all(sockets)


def droppable(handle: Handle) -> Handle:
    """``handle``, whose ``Dropped`` makes the server close the connection instead of answering."""

    def front(request: HttpRequest) -> HttpResponse:
        try:
            return handle(request)
        except Dropped:
            raise ClientDisconnected from None  # what waitress itself raises where nobody waits for the answer

    return front


def serve(handle: Handle, *, port: int) -> None:
    """Serve ``handle`` until Ctrl-C or SIGTERM. For the main thread.

    :raises OSError: if the port is taken.
    """
    with stop_signal() as stopped, running(handle, port=port) as url:
        print(f"serving on {url}, Ctrl-C to stop", flush=True)
        stopped.wait()


@contextmanager
def stop_signal() -> Iterator[Event]:
    """An event that Ctrl-C and SIGTERM set, instead of what they do otherwise. For the main thread."""
    stopped = Event()

    def stop(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature signal wants
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
