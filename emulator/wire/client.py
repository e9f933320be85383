"""Sends calls over HTTP as the marketplace does, and keeps answers as they came, header names included."""

import http.client
import time
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import urlsplit

from emulator.wire.calls import url_of
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
    """There is none, and why. ``timed_out``: the server was reached, but did not answer in time."""

    reason: str
    milliseconds: float = 0.0
    timed_out: bool = False


Reply: TypeAlias = Answer | NoAnswer


def send(base: str, request: HttpRequest, timeout: float = TIMEOUT) -> Reply:
    """Send ``request`` to the server at ``base`` (``http://host:port`` or ``https://host``), HTTP/1.1, no redirects."""
    started = time.monotonic()
    try:
        status, headers, body = _exchange(base, request, timeout)
    except TimeoutError:
        return NoAnswer(f"nothing within {timeout:g} s", _since(started), timed_out=True)
    except (OSError, http.client.HTTPException) as error:
        return NoAnswer(str(error) or type(error).__name__, _since(started))
    return Answer(status, headers, body, _since(started))


def _exchange(base: str, request: HttpRequest, timeout: float) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    address = urlsplit(base)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = kind(address.netloc, timeout=timeout)
    try:
        target = url_of(address.path.rstrip("/"), request)
        connection.request(request.method, target, request.body or None, dict(request.headers))
        response = connection.getresponse()
        return response.status, tuple(response.getheaders()), response.read()
    finally:
        connection.close()


def _since(started: float) -> float:
    return (time.monotonic() - started) * 1000
