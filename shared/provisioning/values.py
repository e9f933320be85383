"""What a provisioner is told, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Charging(StrEnum):
    """Billing mode (V1 ``chargingMode`` 0, 1, 3, 5; V2 ``chargingMode`` of the order query)."""

    ON_DEMAND = "ON_DEMAND"
    PERIOD = "PERIOD"
    ONE_TIME = "ONE_TIME"
    ON_DEMAND_PACKAGE = "ON_DEMAND_PKG"


class State(StrEnum):
    """Where an instance is in its life."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    FROZEN = "FROZEN"
    RELEASED = "RELEASED"


class FreezeReason(StrEnum):
    """Why an instance is frozen: its period ended, or the marketplace said so (arrears, violation)."""

    EXPIRED = "EXPIRED"
    SUSPENDED = "SUSPENDED"


class RenewalScene(StrEnum):
    """V2 ``scene``; V1 calls are mapped onto it."""

    RENEWAL = "RENEWAL"
    TRIAL_TO_FORMAL = "TRIAL_TO_FORMAL"
    UNSUBSCRIBE_RENEWAL_PERIOD = "UNSUBSCRIBE_RENEWAL_PERIOD"
    RENEWAL_CHANGE = "RENEWAL_CHANGE"


class OrderType(StrEnum):
    """``orderType`` of the order query, and beside it the return of a renewed period (退续费), which has a scene of its
    own.
    """

    NEW = "NEW"
    TRIAL = "TRIAL"
    TRIAL_TO_FORMAL = "TRIAL_TO_FORMAL"
    UNSUBSCRIBE = "UNSUBSCRIBE"
    RENEW = "RENEW"
    CHANGE = "CHANGE"
    UNSUBSCRIBE_RENEWAL_PERIOD = "UNSUBSCRIBE_RENEWAL_PERIOD"


class ReleaseReason(StrEnum):
    """Why an instance is released: the buyer gave it back, its time is over, or its order failed for good."""

    UNSUBSCRIBED = "UNSUBSCRIBED"
    EXPIRED = "EXPIRED"
    UNDONE = "UNDONE"


@dataclass(frozen=True, slots=True)
class OrderSummary:
    """An order as far as it is known when you are told of it.

    ``amount`` is what the buyer pays, negative for what is given back, ``list_amount`` the same before discount; both
    ``None`` where the marketplace has not told. ``currency`` is that of the marketplace's site. ``created_at`` is when
    the order was placed.
    """

    order_id: str
    order_line_id: str | None = None
    type: OrderType | None = None
    amount: Decimal | None = None
    list_amount: Decimal | None = None
    currency: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who bought. Phone, mail and IAM user are there only if the buyer agreed to share them."""

    customer_id: str
    customer_name: str | None = field(default=None, repr=False)
    user_id: str | None = field(default=None, repr=False)
    user_name: str | None = field(default=None, repr=False)
    mobile_phone: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Specification:
    """What was bought.

    ``quantity``, ``disk_size`` (GB) and ``bandwidth`` (Mbps) are the linear attributes the buyer chose, if the product
    has them; V2 has one linear value per product, given as ``quantity``. ``parameters`` are the product's extension
    parameters.
    """

    product_id: str | None = None
    sku_code: str | None = None
    charging: Charging | None = None
    period_type: str | None = None
    period_number: int | None = None
    quantity: int | None = None
    disk_size: int | None = None
    bandwidth: int | None = None
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)

    def parts(self) -> dict[str, Any]:
        """Everything here, by name."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    def mentioned(self) -> dict[str, Any]:
        """What is said here, by name."""
        return {name: value for name, value in self.parts().items() if value not in (None, {})}

    def updated(self, target: "Specification") -> "Specification":
        """With everything that ``target`` mentions."""
        return replace(self, **target.mentioned())


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance of the seller's product, as the bundle knows it.

    ``order`` is the order behind what is asked, ``None`` where there is none; ``release_reason`` is there if the
    instance is to be released. ``order_id`` is the order of the purchase.
    """

    instance_id: str
    order_id: str
    order_line_id: str | None
    customer_id: str
    specification: Specification
    trial: bool
    state: State
    expires_at: datetime | None
    order: OrderSummary | None = None
    release_reason: ReleaseReason | None = None


@dataclass(frozen=True, slots=True)
class InstancePage:
    """Some of the instances that the product has, by id. ``next`` asks for those behind them; ``None`` at the end."""

    instance_ids: tuple[str, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """How the buyer gets in (``appInfo``, production interfaces, section 2.1). All but ``memo`` must be ASCII.

    ``front_end_url`` and ``admin_url`` at most 512 characters, ``memo`` at most 1024. ``user_name`` and ``password``
    at most 79 bytes each, so that their ciphertext keeps within 128 characters. Checked when a provisioner returns it.
    """

    front_end_url: str
    admin_url: str | None = None
    user_name: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    memo: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Pending:
    """Creation was accepted and goes on; ``describe`` will return an :class:`Access` once it is done."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """A new expiry, absolute. Earlier than the present one when the buyer returned a renewal (``amount`` < 0 then)."""

    scene: RenewalScene
    order_id: str
    expires_at: datetime | None
    specification: Specification
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change that cannot be made; ``reason`` is shown to the buyer: ASCII, at most 255 characters."""

    reason: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Consumption of one billing item (``usageInfo``, production interfaces, section 2.7).

    ``value`` has at most 4 decimal places: the running total of a pay-per-use instance, the used part of a package.
    """

    value: Decimal
    measured_at: datetime
    related_instance_id: str | None = None
    dashboard_url: str | None = None


@dataclass(frozen=True, slots=True)
class Package:
    """A stop-before-excess package (用完即停套餐包): its own ``instance_id``, and the ``quota`` it holds in all."""

    instance_id: str
    quota: Decimal
    expires_at: datetime | None = None


class MemberChange(StrEnum):
    """What happened to a member: may use the application now, is described otherwise or may again, may not for the time
    being, or has left.
    """

    ADDED = "ADDED"
    CHANGED = "CHANGED"
    DISABLED = "DISABLED"
    REMOVED = "REMOVED"
