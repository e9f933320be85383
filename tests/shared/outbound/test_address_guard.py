"""Where a seller's URL may lead."""

from collections.abc import Sequence

import pytest

from shared.outbound import ForbiddenAddress, NotConnected, Reach
from shared.outbound.address_guard import allowed_addresses, is_allowed, system_resolver

PUBLIC = ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "::1",
    "fd00:1::254",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
]
NOBODYS = [
    "0.0.0.0",  # noqa: S104 - not bound to
    "0.0.0.1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "168.63.129.16",
    "::ffff:168.63.129.16",
    "64:ff9b::a83f:8110",
    "255.255.255.255",
    "::",
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "fe80::1",
    "fe80::1%eth0",
    "224.0.0.1",
    "ff02::1",
    "::ffff:0.0.0.0",
]
RESERVED = [
    "100.64.0.1",
    "100.100.100.200",
    "100.125.1.250",
    "::ffff:100.100.100.200",
    "64:ff9b::6464:64c8",
    "2001:0:a9fe:a9fe::",
    "::ffff:0:a9fe:a9fe",
    "192.0.0.192",
    "192.88.99.1",
    "2002:7f00:1::",
    "64:ff9b:1::a00:1",
    "fec0::1",
    "::7f00:1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_is_allowed(address: str) -> None:
    assert is_allowed(address, Reach.PUBLIC)


@pytest.mark.parametrize("address", PRIVATE + NOBODYS + RESERVED + ["240.0.0.1", "198.18.0.1", "192.0.2.1"])
def test_other_address_is_not(address: str) -> None:
    assert not is_allowed(address, Reach.PUBLIC)


@pytest.mark.parametrize("address", PUBLIC + PRIVATE)
def test_private_address_is_allowed_on_demand(address: str) -> None:
    assert is_allowed(address, Reach.PRIVATE)


@pytest.mark.parametrize("address", NOBODYS + RESERVED + ["240.0.0.1", "198.18.0.1", "192.0.2.1"])
def test_metadata_service_and_the_like_never_are(address: str) -> None:
    assert not is_allowed(address, Reach.PRIVATE)


def test_one_bad_address_among_good_ones_is_enough() -> None:
    with pytest.raises(ForbiddenAddress):
        allowed_addresses("a.example", 443, Reach.PUBLIC, lambda host, port: ["8.8.8.8", "10.0.0.1"])


def test_order_of_the_name_service_is_kept() -> None:
    found = ["2606:4700::1111", "8.8.8.8"]
    assert allowed_addresses("a.example", 443, Reach.PUBLIC, lambda host, port: found) == found


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "2130706433", "localhost"])
def test_other_ways_to_write_this_machine(host: str) -> None:
    with pytest.raises(ForbiddenAddress):
        allowed_addresses(host, 443, Reach.PUBLIC)


def unknown(host: str, port: int) -> Sequence[str]:
    raise OSError(host)


@pytest.mark.parametrize("resolve", [unknown, lambda host, port: []])
def test_unknown_name(resolve: object) -> None:
    with pytest.raises(NotConnected, match="host name is unknown"):
        allowed_addresses("a.example", 443, Reach.PRIVATE, resolve)  # type: ignore[arg-type]


def test_name_that_is_none() -> None:
    with pytest.raises(NotConnected):
        allowed_addresses("a" * 64 + ".example", 443, Reach.PRIVATE, system_resolver)


@pytest.mark.parametrize("address", ["100.125.1.250", "10.0.0.1", "203.0.113.1"])
def test_what_the_seller_names_is_not_looked_at(address: str) -> None:
    assert is_allowed(address, Reach.ANYWHERE)
