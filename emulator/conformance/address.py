"""What the production address must be like. Nothing is asked of addresses of this machine."""

from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from emulator.conformance import sources
from emulator.conformance.case import AddressCase, Case
from emulator.texts import Text
from shared import outbound


def is_loopback(url: str) -> bool:
    """Is ``url`` this machine?"""
    return outbound.is_loopback(urlsplit(url).hostname or "")


def is_ip(host: str) -> bool:
    """Is it a number, and no name?"""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _plain(url: str) -> Text | None:
    return Text("reasons.http") if urlsplit(url).scheme != "https" else None


def _number(url: str) -> Text | None:
    return Text("reasons.ip") if is_ip(urlsplit(url).hostname or "") else None


def _address(case_id: str, rule: Callable[[str], Text | None]) -> AddressCase:
    return AddressCase(
        id=case_id,
        source=sources.REQUIREMENTS,
        says=sources.UNREACHABLE,
        advised=True,
        rule=rule,
    )


ADDRESS: tuple[Case, ...] = (_address("address.https", _plain), _address("address.name", _number))
