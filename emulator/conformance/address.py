"""What the production address must be like. Nothing is asked of addresses of this machine."""

import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from emulator.conformance import sources
from emulator.conformance.case import AddressCase, Case


def is_loopback(url: str) -> bool:
    """Is ``url`` this machine?"""
    host = urlsplit(url).hostname or ""
    return host == "localhost" or (_is_ip(host) and ipaddress.ip_address(host).is_loopback)


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _plain(url: str) -> str | None:
    return "the address begins with http://" if urlsplit(url).scheme != "https" else None


def _number(url: str) -> str | None:
    return "the address has an IP number" if _is_ip(urlsplit(url).hostname or "") else None


def _address(case_id: str, title: str, why: str, advice: str, rule: Callable[[str], str | None]) -> AddressCase:
    return AddressCase(
        id=case_id,
        title=title,
        why=why,
        advice=advice,
        source=sources.REQUIREMENTS,
        says=sources.UNREACHABLE,
        advised=True,
        rule=rule,
    )


ADDRESS: tuple[Case, ...] = (
    _address(
        "address.https",
        "the address is https",
        "Calls hold buyers' data; only HTTPS with TLS 1.2 or newer and a public certificate is supported.",
        "Put a certificate from a public authority on the address, or a gateway in front that has one.",
        _plain,
    ),
    _address(
        "address.name",
        "the address is a domain name",
        "Only domain names are supported.",
        "Give the server a name of your own domain; the marketplace's form takes no IP number.",
        _number,
    ),
)
