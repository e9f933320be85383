"""What the production address must be like. Nothing is asked of addresses of this machine."""

import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from emulator.conformance import sources
from emulator.conformance.case import AddressCase, Case
from emulator.texts import Text


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


def _plain(url: str) -> Text | None:
    return Text("reasons.http") if urlsplit(url).scheme != "https" else None


def _number(url: str) -> Text | None:
    return Text("reasons.ip") if _is_ip(urlsplit(url).hostname or "") else None


def _address(case_id: str, rule: Callable[[str], Text | None]) -> AddressCase:
    return AddressCase(
        id=case_id,
        source=sources.REQUIREMENTS,
        says=sources.UNREACHABLE,
        advised=True,
        rule=rule,
    )


ADDRESS: tuple[Case, ...] = (_address("address.https", _plain), _address("address.name", _number))
