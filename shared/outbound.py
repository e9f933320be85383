"""Calls to other people's servers: one small client over urllib3, for the open API and for the seller's backend.

What the open API asks of its callers holds for every call: HTTPS with full verification of the certificate (metering
and open APIs, section 2.1). The trusted authorities are the system's; ``SSL_CERT_FILE`` names others.
"""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache, cached_property
from ipaddress import ip_address
from typing import TYPE_CHECKING, Protocol
from urllib.parse import SplitResult, urlsplit

from shared.clock import Deadline
from shared.errors import ConfigurationError, Unavailable
from shared.http import HttpResponse

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, HTTPConnectionPool, PoolManager, Timeout

LIMIT = 1 << 20
"""No answer is read beyond this many bytes."""

_CONNECT_SECONDS = 2.0  # one lost packet is made up for; the time left stays for another address
_CHUNK = 1 << 16
_PORTS = {"https": 443, "http": 80}


class NotConnected(Unavailable):
    """No connection came about: the other side has seen nothing of the call."""


class ConnectionLost(Unavailable):
    """The connection broke before the whole answer was there: the other side may have acted or not."""


class HttpClient(Protocol):
    """What sends one request and brings back the answer."""

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        deadline: Deadline,
        body: bytes = b"",
        address: str | None = None,
    ) -> HttpResponse:
        """Send ``body`` to ``url`` and return the answer, whatever its status; header names are lower-case.

        Redirects are not followed. With ``address``, an IP address, the connection goes there and nowhere else, while
        ``Host`` and the certificate remain those of ``url``.

        :raises ConfigurationError: if ``url`` is no HTTPS address, or plain HTTP to anything but the machine itself.
        :raises Unavailable: if no whole answer of at most ``LIMIT`` bytes came before ``deadline``. The text says why,
            and shows neither ``url`` nor ``body``.
        """


class PooledClient:
    """The :class:`HttpClient` of the running bundle. Keeps connections open between calls; safe to share."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        deadline: Deadline,
        body: bytes = b"",
        address: str | None = None,
    ) -> HttpResponse:
        target = parse_url(url, address)
        seconds = deadline.left()
        if not seconds:
            raise NotConnected("no time left for a call")
        with _plain_errors():
            response = self._pool(target, address).urlopen(
                method,
                target._replace(scheme="", netloc="", fragment="").geturl() or "/",
                body=body or None,
                headers=_complete(headers, target),
                timeout=_timeout(seconds),
                retries=False,
                redirect=False,
                preload_content=False,
            )
            content = _read(response, deadline)
        return HttpResponse(response.status, {name.lower(): value for name, value in response.headers.items()}, content)

    def _pool(self, target: SplitResult, address: str | None) -> "HTTPConnectionPool":
        # The name for certificate and SNI, where the connection goes to an address instead.
        pinned = {"server_hostname": target.hostname} if address and target.scheme == "https" else None
        return self._pools.connection_from_host(address or target.hostname, port_of(target), target.scheme, pinned)

    @cached_property
    def _pools(self) -> "PoolManager":
        from urllib3 import PoolManager

        return PoolManager(num_pools=8, maxsize=4, ssl_context=self._tls or ssl.create_default_context())


@cache
def shared_client() -> PooledClient:
    """The process's own client."""
    return PooledClient()


def parse_url(url: str, address: str | None = None) -> SplitResult:
    """Take ``url`` apart, if it may be called at all.

    :raises ConfigurationError: unless it is ``https://host…`` in ASCII without user and password; ``http`` is accepted
        where the call stays on the machine: to a loopback ``address``, or without one to a loopback host.
    """
    try:
        target = urlsplit(url)
        port = target.port
    except ValueError:
        raise ConfigurationError("an address to call is not a URL") from None
    if target.scheme not in _PORTS or not target.hostname or "@" in target.netloc or port == 0:
        raise ConfigurationError("an address to call must be like https://host/path, without user and password")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ConfigurationError("an address to call must be written in visible ASCII characters")
    if target.scheme == "http" and not is_loopback(address or target.hostname):
        raise ConfigurationError("an address to call must be https; plain http is for the machine itself only")
    return target


def port_of(target: SplitResult) -> int:
    """The port of a URL that :func:`parse_url` took apart."""
    return target.port or _PORTS[target.scheme]


def host_of(target: SplitResult) -> str:
    """The ``Host`` header for ``target``: lower-case, without the port its scheme implies."""
    host = f"[{target.hostname}]" if ":" in (target.hostname or "") else target.hostname or ""
    return host if target.port in (None, _PORTS[target.scheme]) else f"{host}:{target.port}"


def is_loopback(host: str) -> bool:
    """Is ``host``, a name or an IP address, this machine itself, whatever the name service says?"""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _complete(headers: Mapping[str, str], target: SplitResult) -> dict[str, str]:
    given = {name: value for name, value in headers.items() if name.lower() != "host"}
    return {"Host": host_of(target), "User-Agent": "koogallery-functions", **given}


def _timeout(seconds: float) -> "Timeout":
    from urllib3 import Timeout

    return Timeout(total=seconds, connect=min(seconds, _CONNECT_SECONDS))


def _read(response: "BaseHTTPResponse", deadline: Deadline) -> bytes:
    content = bytearray()
    with ExitStack() as unless_complete:
        unless_complete.callback(response.close)
        while chunk := response.read1(_CHUNK, decode_content=False):
            content += chunk
            if len(content) > LIMIT:
                raise Unavailable("the answer is too large")
            if not deadline.left():
                raise Unavailable("no answer in time")
        unless_complete.pop_all()
    response.release_conn()
    return bytes(content)


@contextmanager
def _plain_errors() -> Iterator[None]:
    from urllib3 import exceptions

    try:
        yield
    except exceptions.ConnectTimeoutError as error:
        raise NotConnected(f"no connection ({type(error).__name__})") from error
    except exceptions.SSLError as error:
        raise Unavailable("no secure connection") from error
    except exceptions.ReadTimeoutError as error:
        raise Unavailable("no answer in time") from error
    except exceptions.HTTPError as error:
        raise ConnectionLost(f"the connection broke ({type(error).__name__})") from error
