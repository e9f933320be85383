"""What a provisioner does, and what it may do besides."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from shared.directory import User
from shared.provisioning.values import (
    Access,
    Buyer,
    FreezeReason,
    Instance,
    InstancePage,
    MemberChange,
    OrderSummary,
    Package,
    Pending,
    Refusal,
    Renewal,
    Specification,
    Usage,
)


@runtime_checkable
class PackageKeeper(Protocol):
    """A provisioner whose pay-per-use instances draw on stop-before-excess packages (metering and open APIs, 2.9)."""

    def packages(self, instance: Instance) -> Sequence[Package]:
        """The packages that a pay-per-use instance may draw on, used up or not; none if it is sold without."""

    def used_up(self, instance: Instance, key: str) -> None:
        """Nothing is left in any package: stop the service until another one is bought."""


@runtime_checkable
class OrderListener(Protocol):
    """A provisioner may also want to hear of orders (``orderNotify``, production interfaces, section 3.8)."""

    def order_changed(self, order_id: str, order_line_id: str | None, key: str) -> None:
        """Something happened to the order; its content is in the open API's order query."""


@runtime_checkable
class OrderFollower(Protocol):
    """As :class:`OrderListener`, with what the order is; who has both methods is told by this one alone."""

    def order_told(self, order: OrderSummary, key: str) -> None:
        """Something happened to ``order``, which is as the order query tells it now; its id alone where the open API
        does not know it.
        """


@runtime_checkable
class MemberListener(Protocol):
    """A provisioner may also want to hear of members (authSync, joint operation, section 1.4)."""

    def member_changed(self, tenant_id: str, user: User, change: MemberChange, key: str) -> None:
        """A member changed; ``user`` is how they are now. Called once the directory says the same, while there is time
        to answer the marketplace; a member who was not told of raises an alarm, and the marketplace's repeat tells it
        again with the same ``key``. The end of a ``key``, behind its last ``:``, sorts as changes happened.
        """


@runtime_checkable
class InstanceLister(Protocol):
    """A provisioner may also tell which instances it has, so that the sweep sees where it differs from the store."""

    def list_instances(self, after: str | None) -> InstancePage | None:
        """Ids of up to 1000 instances that exist, those that were released left out; ``after`` is the ``next`` of the
        page before; ``None`` if that cannot be told. Changes nothing.
        """


class Provisioner(Protocol):
    """What the seller plugs in (``KOOGALLERY_PROVISIONER=module:attribute``).

    Each method may raise :class:`shared.errors.ProvisioningError` to answer the marketplace with a code of its own; any
    other exception is answered ``000005`` and the marketplace calls again.
    """

    def create(self, instance: Instance, buyer: Buyer, key: str) -> Access | Pending:
        """Create ``instance``; ``key`` is its id. Return how to get in, or ``Pending`` if that takes longer."""

    def describe(self, instance: Instance) -> Access | Pending | None:
        """The present access details; ``None`` if still those of ``create``, ``Pending`` while creation goes on."""

    def renew(self, instance: Instance, renewal: Renewal, key: str) -> None:
        """Move the expiry, and change the specification if it differs (``RENEWAL_CHANGE``, trial to formal)."""

    def change(self, instance: Instance, specification: Specification, key: str) -> None:
        """Upgrade or scale to ``specification``."""

    def can_change(self, instance: Instance, specification: Specification) -> Refusal | None:
        """May the buyer change to ``specification``? Refuse if present use would not fit. Changes nothing."""

    def freeze(self, instance: Instance, reason: FreezeReason, key: str) -> None:
        """Stop the service, keep the data."""

    def unfreeze(self, instance: Instance, key: str) -> None:
        """Resume the service."""

    def release(self, instance: Instance, key: str) -> None:
        """Delete the instance; also called to undo a creation whose order has failed for good."""

    def usage(self, instance: Instance) -> Sequence[Usage]:
        """Consumption to show the buyer; empty for products without metering."""
