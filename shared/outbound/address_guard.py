"""Keeps calls to strangers' servers out of the private network the bundle runs in (server-side request forgery).

A name is looked up once. Every address found must be fit; the caller then connects to one of exactly these, so a name
that changes between check and call gains nothing.
"""

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from shared.outbound.http_client import ForbiddenAddress, NotConnected, Reach

Resolver: TypeAlias = Callable[[str, int], Sequence[str]]
"""From a host name, or an IP address in any notation, and a port to IP addresses, the best first; or ``OSError``."""

_NAT64 = IPv6Network("64:ff9b::/96")
_PRIVATE = [
    ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "::1/128", "fc00::/7")
]
# Where clouds keep metadata and credentials, beside the link-local addresses: AWS and Google over IPv6, Azure over a
# public address. Those of Alibaba and of Huawei's own services are in the shared 100.64.0.0/10, which is not public.
_METADATA = [ip_network(text) for text in ("fd00:ec2::/32", "fd20:ce::/32", "168.63.129.16/32")]
# Python's `is_global` takes these for public, or does so in some of its versions.
_NOT_PUBLIC = [
    ip_network(text)
    for text in (
        *("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "2001::/32", "2002::/16", "3fff::/20", "5f00::/16"),
        "fec0::/10",
    )
]


def system_resolver(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def allowed_addresses(host: str, port: int, reach: Reach, resolve: Resolver = system_resolver) -> Sequence[str]:
    """The IP addresses of ``host``, the best first, once all of them have been found to be within ``reach``.

    :raises ForbiddenAddress: one of them is not.
    :raises NotConnected: there is none.
    """
    try:
        addresses = resolve(host, port)
    except (OSError, UnicodeError):
        addresses = ()
    if not addresses:
        raise NotConnected("no connection (the host name is unknown)")
    if not all(is_allowed(address, reach) for address in addresses):
        raise ForbiddenAddress("the address to call does not lead to a public server")
    return addresses


def is_allowed(address: str, reach: Reach) -> bool:
    """May the IP address be called? An IPv6 address that carries an IPv4 one is judged by that.

    Link-local addresses, where the clouds keep their metadata and credentials service, and multicast ones are within
    no reach but those of the seller's own settings.
    """
    if reach in (Reach.ANYWHERE, Reach.OWN_NETWORK):
        return True
    ip = _innermost(ip_address(address))
    if any(ip in network for network in _METADATA):
        return False
    if reach is Reach.PRIVATE and any(ip in network for network in _PRIVATE):
        return True
    special = ip.is_link_local or ip.is_multicast or ip.is_reserved
    return ip.is_global and not special and not any(ip in network for network in _NOT_PUBLIC)


def may_be_plain(address: str, reach: Reach) -> bool:
    """May plain HTTP go to the IP address? Only where nobody else listens."""
    ip = ip_address(address)
    return ip.is_loopback or (reach is Reach.OWN_NETWORK and not ip.is_global)


def _innermost(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip
