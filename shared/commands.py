"""Commands and outcomes: the values that a dialect and an operation exchange.

Both protocol versions of an interface decode to the same command, so an operation does not depend on the version.
All moments are aware ``datetime`` in UTC.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from shared.directory.commands import Sync
from shared.errors import ResultCode
from shared.provisioning import Access, Buyer, Charging, FreezeReason, OrderType, RenewalScene, Specification, Usage


class Version(StrEnum):
    """Protocol version of the production interfaces."""

    V1 = "v1"
    V2 = "v2"


@dataclass(frozen=True, slots=True)
class OrderContent:
    """What an order says about the instance to create. V1 sends it along, V2 leaves it to the order query.

    ``amount`` is what the buyer paid, in the currency of the site, ``list_amount`` the same before discount;
    ``unread_amount``: one was told that cannot be read. ``type`` and ``created_at`` are told by the order query alone.
    """

    buyer: Buyer
    specification: Specification
    trial: bool = False
    expires_at: datetime | None = None
    amount: Decimal | None = None
    list_amount: Decimal | None = None
    unread_amount: bool = False
    type: OrderType | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Purchase:
    """``newInstance`` (production interfaces, sections 2.1 and 3.1).

    ``order_part`` tells the instances of one order apart: the order line in V2, in V1 a product beside the first one.
    ``business_id`` differs on each call; the first one becomes the instance id.
    """

    order_id: str
    order_part: str | None
    business_id: str
    content: OrderContent | None


@dataclass(frozen=True, slots=True)
class Renew:
    """``refreshInstance`` (sections 2.2 and 3.3).

    ``expires_at`` is absolute and may lie before the present expiry; a trial turned pay-per-use has none. ``charging``
    is the new mode, where V1 tells that it changes.
    """

    instance_id: str
    order_id: str
    order_part: str | None
    scene: RenewalScene
    expires_at: datetime | None
    product_id: str | None = None
    period_type: str | None = None
    period_number: int | None = None
    amount: Decimal | None = None
    charging: Charging | None = None
    unread_amount: bool = False


@dataclass(frozen=True, slots=True)
class Freeze:
    """``expireInstance``, ``instanceStatus`` FREEZE, ``updateInstanceStatus`` FREEZE (sections 2.3, 2.6, 3.4)."""

    instance_id: str
    reason: FreezeReason


@dataclass(frozen=True, slots=True)
class Unfreeze:
    """``instanceStatus`` NORMAL, ``updateInstanceStatus`` UNFREEZE (sections 2.6 and 3.4)."""

    instance_id: str


@dataclass(frozen=True, slots=True)
class Release:
    """``releaseInstance`` (sections 2.4 and 3.5).

    V2 names the order of the unsubscription, if it is one. V1 names that of the purchase, and what is given back.
    """

    instance_id: str
    order_id: str | None = None
    order_part: str | None = None
    amount: Decimal | None = None
    unread_amount: bool = False


@dataclass(frozen=True, slots=True)
class Upgrade:
    """``upgrade`` and ``upgradeInstance`` (sections 2.5 and 3.6). V2 leaves the specification to the order query."""

    instance_id: str
    order_id: str
    order_part: str | None
    specification: Specification | None


@dataclass(frozen=True, slots=True)
class Query:
    """``queryInstance`` (sections 2.7 and 3.2): 1 to 100 instance ids."""

    instance_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckChange:
    """``changeInstanceCheck`` (section 3.7): may the buyer change to ``specification`` when renewing?"""

    instance_id: str
    specification: Specification


@dataclass(frozen=True, slots=True)
class OrderNotice:
    """``orderNotify`` (section 3.8): something happened to an order."""

    order_id: str
    order_part: str | None


Command: TypeAlias = Purchase | Renew | Freeze | Unfreeze | Release | Upgrade | Query | CheckChange | OrderNotice | Sync


@dataclass(frozen=True, slots=True)
class Done:
    """Success with nothing more to say."""


@dataclass(frozen=True, slots=True)
class Created:
    """Answer to a purchase. ``in_process``: accepted, the access details will be told later."""

    instance_id: str
    access: Access | None = field(default=None, repr=False)
    in_process: bool = False


@dataclass(frozen=True, slots=True)
class InstanceInfo:
    """One instance in the answer to a query. ``pending``: its creation goes on, access details will be told later."""

    instance_id: str
    access: Access | None = field(default=None, repr=False)
    usage: tuple[Usage, ...] = ()
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Described:
    instances: tuple[InstanceInfo, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """Any answer but success; ``message`` is ASCII and names no value the caller sent."""

    code: ResultCode
    message: str


Outcome: TypeAlias = Done | Created | Described | Failed
