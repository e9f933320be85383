"""Keeps calls to a seller's address out of the private network the bundle runs in (server-side request forgery).

A name is looked up once. Every address found must be public; the caller then connects to one of exactly these, so a
name that changes between check and call gains nothing.
"""

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from shared.errors import ConfigurationError
from shared.outbound import NotConnected

Resolver: TypeAlias = Callable[[str, int], Sequence[str]]
"""From a host name, or an IP address in any notation, and a port to IP addresses, the best first; or ``OSError``."""

_NAT64 = IPv6Network("64:ff9b::/96")
# Python's `is_global` takes these for public, or does so in some of its versions.
_NOT_PUBLIC = [
    ip_network(text)
    for text in ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10")
]


class ForbiddenAddress(ConfigurationError):
    """The address leads somewhere a seller's backend must not be."""


def system_resolver(host: str, port: int) -> Sequence[str]:
    """Ask the operating system."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def allowed_addresses(
    host: str, port: int, *, allow_private: bool, resolve: Resolver = system_resolver
) -> Sequence[str]:
    """The IP addresses of ``host``, the best first, once all of them have been found fit to be called.

    With ``allow_private`` loopback and private networks are fit too. Link-local addresses, where the clouds keep their
    metadata and credentials service, and multicast ones never are.

    :raises ForbiddenAddress: if one of them is not fit.
    :raises NotConnected: if there is none.
    """
    try:
        addresses = resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise NotConnected("no connection (the host name is unknown)") from error
    if not addresses:
        raise NotConnected("no connection (the host name is unknown)")
    if not all(is_allowed(address, allow_private=allow_private) for address in addresses):
        raise ForbiddenAddress("the address to call does not lead to a public server")
    return addresses


def is_allowed(address: str, *, allow_private: bool) -> bool:
    """May the IP address be called? An IPv6 address that carries an IPv4 one is judged by that."""
    ip = _innermost(ip_address(address))
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        return False
    if allow_private and ip.is_private:
        return True
    return ip.is_global and not ip.is_reserved and not any(ip in network for network in _NOT_PUBLIC)


def _innermost(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip
