"""What a call to another server is: who sends it, where it may lead, and how it can fail."""

from collections.abc import Callable, Mapping
from enum import Enum, auto
from ipaddress import ip_address
from typing import Protocol, TypeAlias
from urllib.parse import SplitResult, urlsplit

from shared.clock import Deadline
from shared.errors import ConfigurationError, Unavailable
from shared.http import HttpResponse

LIMIT = 1 << 20
"""No answer of a stranger's server is read beyond this many bytes."""

_PORTS = {"https": 443, "http": 80}

Headers: TypeAlias = Mapping[str, str] | Callable[[], Mapping[str, str]]
"""Headers, or what makes them anew each time the call is about to leave: signatures with a time and a nonce."""


class NotConnected(Unavailable):
    """No connection came about: the other side has seen nothing of the call."""


class ConnectionLost(Unavailable):
    """The connection broke before the whole answer was there: the other side may have acted or not."""


class ForbiddenAddress(ConfigurationError):
    """The address leads somewhere a call to a stranger's server must not go."""


class Reach(Enum):
    """Where a call may lead: it follows from whom the address comes from."""

    ANYWHERE = auto()
    """The seller's own settings name a service of the cloud, which may have its endpoint in a private network."""
    OWN_NETWORK = auto()
    """As ``ANYWHERE``; inside a private network it may speak plain HTTP, as databases there do."""
    PRIVATE = auto()
    """Public servers, private networks and this machine."""
    PUBLIC = auto()
    """Public servers only: the address came in a call, or leads to a backend outside."""


class HttpClient(Protocol):
    """What sends one request and brings back the answer."""

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Headers,
        deadline: Deadline,
        body: bytes = b"",
        repeatable: bool = False,
        reach: Reach = Reach.ANYWHERE,
    ) -> HttpResponse:
        """Send ``body`` to ``url`` and return the answer, whatever its status; header names are lower-case.

        Redirects are not followed. A call that is ``repeatable``, as ``GET`` always is, may use a connection that was
        kept, and is made once more on a new one if the other side had closed that. Any other call gets a new
        connection and leaves at most once.

        :raises ConfigurationError: ``url`` is no HTTPS address, or plain HTTP to anything but the machine itself, or
            beyond the private network with ``Reach.OWN_NETWORK``.
        :raises ForbiddenAddress: it leads where ``reach`` does not let it.
        :raises Unavailable: no whole answer of at most as many bytes as the client takes came before ``deadline``.
            The text says why, and shows neither ``url`` nor ``body``.
        """


def made(headers: Headers) -> Mapping[str, str]:
    """``headers`` for one attempt."""
    return headers() if callable(headers) else headers


def parse_url(url: str, *, plain: bool = False) -> SplitResult:
    """Take ``url`` apart, if it may be called at all.

    :param plain: ``http`` is accepted for every host, and not only for a loopback one.
    :raises ConfigurationError: unless it is ``https://host…`` in ASCII without user and password.
    """
    try:
        target = urlsplit(url)
        port = target.port
    except ValueError:
        raise ConfigurationError("an address to call is not a URL") from None
    if target.scheme not in _PORTS or not target.hostname or "@" in target.netloc or port == 0:
        raise ConfigurationError("an address to call must be like https://host/path, without user and password")
    visible(url)
    if target.scheme == "http" and not (plain or is_loopback(target.hostname)):
        raise ConfigurationError("an address to call must be https; plain http is for the machine itself only")
    return target


def visible(text: str) -> str:
    """``text``, if it can stand in an address.

    :raises ConfigurationError: if not.
    """
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ConfigurationError("an address to call must be written in visible ASCII characters")
    return text


def port_of(target: SplitResult) -> int:
    """The port of a URL that :func:`parse_url` took apart."""
    return target.port or _PORTS[target.scheme]


def host_of(target: SplitResult) -> str:
    """The ``Host`` header for ``target``: lower-case, without the port its scheme implies."""
    name, port = target.hostname or "", target.port
    host = f"[{name}]" if ":" in name else name
    return host if port in (None, _PORTS[target.scheme]) else f"{host}:{port}"


def is_loopback(host: str) -> bool:
    """Is ``host``, a name or an IP address, this machine itself, whatever the name service says?"""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
