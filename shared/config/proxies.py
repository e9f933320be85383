"""Who may say in whose name it calls."""

from typing import TYPE_CHECKING, TypeAlias

from shared.config.values import Values
from shared.errors import ConfigurationError

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    Network: TypeAlias = IPv4Network | IPv6Network

LOOPBACK = ("127.0.0.1", "::1")


def trusted_proxies(values: Values) -> "tuple[Network, ...]":
    """The proxies that are believed: this machine's own, where none are named."""
    from ipaddress import ip_network  # functions behind a platform's gateway never need it

    try:
        return tuple(map(ip_network, values.keys("KOOGALLERY_TRUSTED_PROXIES") or LOOPBACK))
    except ValueError:
        raise ConfigurationError("KOOGALLERY_TRUSTED_PROXIES must be addresses or networks of proxies") from None
