"""Lets the open APIs meet the faults that are switched on."""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from emulator.marketplace.faults.switches import Switches, Where
from emulator.openapi.order_query import ORDER_FAULTS, Fault, OrderQueryApi
from emulator.openapi.usage.api import UsageApi
from emulator.openapi.usage.faults import USAGE_FAULTS, UsageFault
from emulator.sign_in.faults import IDENTITY_FAULTS, IdentityFault
from emulator.sign_in.server import Identity
from emulator.wire.fault_queue import FaultQueue

F = TypeVar("F")


class OpenApis(Protocol):
    """What the seller calls."""

    order_query: OrderQueryApi
    usage: UsageApi
    identity: Identity


def by_switches(switches: Switches, apis: OpenApis) -> None:
    """From now on each call to ``apis`` may meet what is switched on, unless a fault waits for it."""
    _wire(apis.order_query.faults, _chance(switches, Where.ORDERS, ORDER_FAULTS, Fault()))
    _wire(apis.usage.faults, _chance(switches, Where.USAGE, USAGE_FAULTS, UsageFault()))
    _wire(apis.identity.faults, _chance(switches, Where.SIGN_IN, IDENTITY_FAULTS, IdentityFault()))


def _chance(switches: Switches, where: Where, faults: Mapping[str, F], nothing: F) -> Callable[[], F]:
    def chance() -> F:
        drawn = switches.drawn(where)
        return nothing if drawn is None else faults[drawn]

    return chance


def _wire(queue: FaultQueue[F], chance: Callable[[], F]) -> None:
    queue.chance = chance
