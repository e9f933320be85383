"""Faulty HTTP transports: request lost, answer lost, slow."""

import http.client
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from emulator.wire.calls import url_of
from emulator.wire.client import Answer, NoAnswer, Reply, send
from shared.http import HttpRequest

PIECES = 4
"""Number of pieces that a slow request or answer is cut into."""
Exchange = Callable[[http.client.HTTPConnection, str, HttpRequest], tuple[http.client.HTTPResponse, bytes]]


def lost(_base: str, _request: HttpRequest, _timeout: float) -> Reply:
    """The request is lost: the seller never receives it."""
    return NoAnswer("the call was lost on the way")


def answer_lost(base: str, request: HttpRequest, timeout: float) -> Reply:
    """The answer is lost: the seller has handled the request."""
    reply = send(base, request, timeout)
    if isinstance(reply, NoAnswer):
        return reply
    return NoAnswer("the answer was lost", reply.milliseconds, timed_out=True)


class SlowTransport:
    """A connection on which a call takes ``seconds`` longer."""

    def __init__(self, seconds: float) -> None:
        self._pause = seconds / PIECES

    def request(self, base: str, request: HttpRequest, timeout: float) -> Reply:
        """The request is sent in pieces."""

        def exchange(
            connection: http.client.HTTPConnection, target: str, request: HttpRequest
        ) -> tuple[http.client.HTTPResponse, bytes]:
            body = request.body
            connection.putrequest(request.method, target)
            for name, value in request.headers.items():
                connection.putheader(name, value)
            if body:
                connection.putheader("Content-Length", str(len(body)))
            time.sleep(self._pause)
            connection.endheaders()
            size = max(1, -(-len(body) // PIECES))
            for start in range(0, len(body), size):
                time.sleep(self._pause)
                connection.send(body[start : start + size])
            response = connection.getresponse()
            return response, response.read()

        return _sent(base, request, timeout, exchange)

    def answer(self, base: str, request: HttpRequest, timeout: float) -> Reply:
        """The answer is read in pieces."""

        def exchange(
            connection: http.client.HTTPConnection, target: str, request: HttpRequest
        ) -> tuple[http.client.HTTPResponse, bytes]:
            connection.request(request.method, target, request.body or None, dict(request.headers))
            time.sleep(self._pause)
            response = connection.getresponse()
            size = max(1, -(-(response.length or 1) // PIECES))
            pieces = []
            while piece := response.read(size):
                pieces.append(piece)
                time.sleep(self._pause)
            return response, b"".join(pieces)

        return _sent(base, request, timeout, exchange)


def _sent(base: str, request: HttpRequest, timeout: float, exchange: Exchange) -> Reply:
    started = time.monotonic()
    address = urlsplit(base)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = kind(address.netloc, timeout=timeout)
    try:
        response, body = exchange(connection, url_of(address.path.rstrip("/"), request), request)
    except TimeoutError:
        return NoAnswer(f"nothing within {timeout:g} s", _since(started), timed_out=True)
    except (OSError, http.client.HTTPException) as error:
        return NoAnswer(str(error) or type(error).__name__, _since(started))
    finally:
        connection.close()
    return Answer(response.status, tuple(response.getheaders()), body, _since(started))


def _since(started: float) -> float:
    return (time.monotonic() - started) * 1000
