"""The seller's side of the bundle: what a provisioner is asked to do, in plain values.

A provisioner is any object with the methods of :class:`Provisioner`. Every method that changes something gets a
``key``: the same key means the same wish, however often it comes, so doing it twice must do it once. The bundle itself
calls a method again only after a crash, a time-out or an error.

All moments are aware ``datetime`` in UTC. Fields with personal data or secrets are left out of ``repr``.
"""

from shared.provisioning.occasion import request_id
from shared.provisioning.provisioner import (
    InstanceLister,
    MemberListener,
    OrderFollower,
    OrderListener,
    PackageKeeper,
    Provisioner,
)
from shared.provisioning.values import (
    Access,
    Buyer,
    Charging,
    FreezeReason,
    Instance,
    InstancePage,
    MemberChange,
    OrderSummary,
    OrderType,
    Package,
    Pending,
    Refusal,
    ReleaseReason,
    Renewal,
    RenewalScene,
    Specification,
    State,
    Usage,
)

__all__ = [
    "Access",
    "Buyer",
    "Charging",
    "FreezeReason",
    "Instance",
    "InstanceLister",
    "InstancePage",
    "MemberChange",
    "MemberListener",
    "OrderFollower",
    "OrderListener",
    "OrderSummary",
    "OrderType",
    "Package",
    "PackageKeeper",
    "Pending",
    "Provisioner",
    "Refusal",
    "ReleaseReason",
    "Renewal",
    "RenewalScene",
    "Specification",
    "State",
    "Usage",
    "request_id",
]
