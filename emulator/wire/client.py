"""Sends calls over HTTP as the marketplace does, and keeps answers as they came, header names included."""

import http.client
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import urlsplit

from emulator.texts import Text
from emulator.wire.calls import url_of
from emulator.wire.failures import why
from shared.http import HttpRequest

TIMEOUT = 20.0
"""Seconds the marketplace waits (production interfaces, section 8)."""

_REQUEST_IDS = ("x-request-id", "x-amzn-requestid", "apigw-requestid")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: ``headers`` in the order and spelling received, time from the first byte sent to the last received."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    milliseconds: float = 0.0

    def named(self, name: str) -> list[tuple[str, str]]:
        """The headers called ``name``, in whatever case."""
        return [(each, value) for each, value in self.headers if each.lower() == name.lower()]

    @property
    def request_id(self) -> str:
        """The id under which the seller's side logged the call, if it or its gateway says so."""
        return next((value for name in _REQUEST_IDS for _, value in self.named(name)), "")


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """There is none, and why. ``timed_out``: the server was reached, but did not answer in time. ``injected``: on
    purpose, and not the server's doing; ``withheld`` is the answer that it gave.
    """

    reason: Text
    milliseconds: float = 0.0
    timed_out: bool = False
    injected: bool = False
    withheld: Answer | None = None


Reply: TypeAlias = Answer | NoAnswer
Exchanged: TypeAlias = tuple[http.client.HTTPResponse, bytes]
Exchange = Callable[[http.client.HTTPConnection, str, HttpRequest], Exchanged]
"""How a request goes out to a target on a connection, and its answer comes in."""


def plainly(connection: http.client.HTTPConnection, target: str, request: HttpRequest) -> Exchanged:
    """Send and read as fast as it goes."""
    connection.request(request.method, target, request.body or None, dict(request.headers))
    response = connection.getresponse()
    return response, response.read()


def send(base: str, request: HttpRequest, timeout: float = TIMEOUT, exchange: Exchange = plainly) -> Reply:
    """Send ``request`` to the server at ``base`` (``http://host:port`` or ``https://host``), HTTP/1.1, no redirects."""
    started, address = time.monotonic(), urlsplit(base)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = kind(address.netloc, timeout=timeout)
    try:
        response, body = exchange(connection, url_of(address.path.rstrip("/"), request), request)
        return Answer(response.status, tuple(response.getheaders()), body, _since(started))
    except TimeoutError:
        return NoAnswer(Text("reasons.timeout", seconds=f"{timeout:g}"), _since(started), timed_out=True)
    except (OSError, http.client.HTTPException) as error:
        return NoAnswer(why(error), _since(started))
    finally:
        connection.close()


def _since(started: float) -> float:
    return (time.monotonic() - started) * 1000
