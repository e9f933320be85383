"""Faulty HTTP transports: request lost, answer lost, slow."""

import http.client
import time
from collections.abc import Iterator

from emulator.texts import Text
from emulator.wire.client import Exchanged, NoAnswer, Reply, send
from shared.http import HttpRequest

PIECES = 4
"""Number of pieces that a slow request or answer is cut into."""


def lost(_base: str, _request: HttpRequest, _timeout: float) -> Reply:
    """The request is lost: the seller never receives it."""
    return NoAnswer(Text("reasons.lost"), injected=True)


def answer_lost(base: str, request: HttpRequest, timeout: float) -> Reply:
    """The answer is lost: the seller has handled the request."""
    reply = send(base, request, timeout)
    if isinstance(reply, NoAnswer):
        return reply
    return NoAnswer(Text("reasons.answer-lost"), reply.milliseconds, timed_out=True, injected=True, withheld=reply)


class SlowTransport:
    """A connection on which a call takes ``seconds`` longer."""

    def __init__(self, seconds: float) -> None:
        self._pause = seconds / PIECES

    def request(self, base: str, request: HttpRequest, timeout: float) -> Reply:
        """The request is sent in pieces."""
        return send(base, request, timeout, self._sent_late)

    def answer(self, base: str, request: HttpRequest, timeout: float) -> Reply:
        """The answer is read in pieces."""
        return send(base, request, timeout, self._read_late)

    def _sent_late(self, connection: http.client.HTTPConnection, target: str, request: HttpRequest) -> Exchanged:
        length = {"Content-Length": str(len(request.body))} if request.body else {}
        pieces = self._late_pieces(request.body) if request.body else None
        time.sleep(self._pause)
        connection.request(request.method, target, pieces, {**request.headers, **length})
        response = connection.getresponse()
        return response, response.read()

    def _late_pieces(self, body: bytes) -> Iterator[bytes]:
        size = -(-len(body) // PIECES)
        for start in range(0, len(body), size):
            time.sleep(self._pause)
            yield body[start : start + size]

    def _read_late(self, connection: http.client.HTTPConnection, target: str, request: HttpRequest) -> Exchanged:
        connection.request(request.method, target, request.body or None, dict(request.headers))
        time.sleep(self._pause)
        response = connection.getresponse()
        size = max(1, -(-(response.length or 1) // PIECES))
        pieces = []
        while piece := response.read(size):
            pieces.append(piece)
            time.sleep(self._pause)
        return response, b"".join(pieces)
