"""Whether a user may log in: the tenant is bound, an instance is in use, the user is authorised and enabled."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.directory import Application, AuthorisationStatus, Tenant, User
from shared.errors import InvalidParameter
from shared.login.refusals import LoginRefused, RefusalReason
from shared.provisioning import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.app import App


@dataclass(frozen=True, slots=True)
class Admission:
    """A tenant as its instances know it, those its people should use first, and its sign-in client. To the instances
    ``never_entered`` this login would be the first.
    """

    tenants: tuple[Tenant, ...]
    application: Application
    never_entered: frozenset[str] = frozenset()

    @property
    def domain(self) -> str:
        return self.tenants[0].domain

    def at(self, instance_id: str) -> Tenant:
        """The tenant as that instance knows it."""
        return next(tenant for tenant in self.tenants if tenant.instance_id == instance_id)


def bound(app: "App", tenant_id: str) -> Admission:
    """The tenant and its application, whatever state its instances are in; for signing in and out.

    :raises Refused: the tenant or its application is unknown or deleted.
    """
    try:
        known, applications = app.directory.bound(tenant_id, app.settings.login_app_id)
    except InvalidParameter:  # no tenant can have such an id
        raise LoginRefused(RefusalReason.UNKNOWN_TENANT) from None
    deleted = {application.instance_id for application in applications if application.deleted}
    tenants = [tenant for tenant in known if not tenant.deleted and tenant.instance_id not in deleted]
    if not tenants or not applications or applications[0].deleted:
        raise LoginRefused(RefusalReason.UNKNOWN_TENANT)
    return Admission(tuple(tenants), applications[0])


def admission(app: "App", tenant_id: str) -> Admission:
    """The instances the tenant's people can use: those that are active, the newest first.

    The empty instance id, the seller's own test stage (joint operation, section 1.1), counts where there is no other.

    :raises Refused: the tenant or its application is unknown or deleted, or no instance is active.
    """
    admitted = bound(app, tenant_id)
    bought = {tenant.instance_id: tenant for tenant in admitted.tenants if tenant.instance_id}
    if not bought:
        return admitted
    records = app.instances.get_many(bought).values()
    active = sorted((record.created_at, record.instance_id) for record in records if record.state is State.ACTIVE)
    if active:
        tenants = tuple(bought[instance_id] for _, instance_id in reversed(active))
        new = frozenset(record.instance_id for record in records if record.never_entered)
        return Admission(tenants, admitted.application, new)
    frozen = any(record.state is State.FROZEN for record in records)
    raise LoginRefused(RefusalReason.FROZEN if frozen else RefusalReason.RELEASED, tenant_id)


def entitled(app: "App", tenant_id: str, user_name: str, unbound: "Mapping[str, int]") -> tuple[str, User]:
    """The first of the instances that lets the user into this application, and the user. Who was never synchronised is
    not let in (section 7.4), nor is who may use another application of the tenant only (section 1.1).

    :param unbound: the instances, each with when the tenant was last unbound from it: nothing older counts.
    :raises Refused: none does: not authorised, or disabled.
    """
    reason = RefusalReason.NOT_AUTHORISED
    for instance_id in unbound:
        user = app.directory.user(tenant_id, user_name, instance_id, app.settings.login_app_id, unbound)
        if user is not None and user.may_enter:
            return instance_id, user
        if user is not None and user.state is AuthorisationStatus.GRANTED:
            reason = RefusalReason.DISABLED
    raise LoginRefused(reason, tenant_id)
