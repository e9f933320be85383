"""Every fault that can be switched on, by id."""

from collections.abc import Mapping
from types import MappingProxyType

from emulator.marketplace.faults.first_host import HOST_FAULTS
from emulator.marketplace.faults.forged_calls import ROGUES
from emulator.marketplace.faults.switches import Switch, Where
from emulator.openapi.order_query import ORDER_FAULTS
from emulator.openapi.usage.faults import USAGE_FAULTS
from emulator.sign_in.faults import IDENTITY_FAULTS

DUPLICATE, REPEATED_LATER, REPLAYED = "duplicate", "repeated-later", "replayed-bytes"
LATE, LOST, ANSWER_LOST = "late", "lost", "answer-lost"
OVERTAKEN = "overtaken"
SLOW_BODY, SLOW_READING, SKEWED = "slow-body", "slow-reading", "clock-skew"

DELIVERY: Mapping[str, str] = MappingProxyType(
    {
        DUPLICATE: "the same message twice at the same moment, each signed by itself",
        REPEATED_LATER: "the same message again minutes after it was done",
        REPLAYED: "exactly the same bytes once more",
        LATE: "held back for up to three hours, so that later messages overtake it",
        OVERTAKEN: "signed now, and seconds on its way: what is sent meanwhile arrives first",
        LOST: "lost on the way: the seller never sees it",
        ANSWER_LOST: "the answer is lost: the seller did it, the marketplace does not know",
        SLOW_BODY: "the call arrives in pieces",
        SLOW_READING: "the answer is read in pieces",
        SKEWED: "the marketplace's clock is up to 50 seconds wrong",
    }
)
"""What can happen to a genuine call."""

_OPEN_APIS = ((Where.ORDERS, ORDER_FAULTS), (Where.USAGE, USAGE_FAULTS), (Where.SIGN_IN, IDENTITY_FAULTS))

FAULTS: Mapping[str, Switch] = MappingProxyType(
    {name: Switch(name, Where.DELIVERY, title) for name, title in DELIVERY.items()}
    | {name: switch for name, (switch, _) in ROGUES.items()}
    | dict(HOST_FAULTS)
    | {name: Switch(name, where, fault.title) for where, faults in _OPEN_APIS for name, fault in faults.items()}
)
