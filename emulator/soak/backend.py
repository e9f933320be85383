"""The seller's own backend, which fails now and then: a first attempt is in vain, while later messages arrive."""

from collections.abc import Mapping
from types import MappingProxyType

from emulator.marketplace.faults.switches import Switch, Switches, Where
from shared.errors import ProvisioningError

FAILS = "backend-fails"
BACKEND: Mapping[str, Switch] = MappingProxyType(
    {FAILS: Switch(FAILS, Where.BACKEND, "the seller's backend fails: the call is answered with 000005")}
)
"""What can be wrong with it, by id."""
REASON = "the backend is out of order"


def may_fail(switches: Switches) -> None:
    """Fail, if it is time to.

    :raises ProvisioningError: it is.
    """
    if switches.drawn(Where.BACKEND):
        raise ProvisioningError(REASON)
