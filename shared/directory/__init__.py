"""The buyer's organisation as the marketplace synchronised it: tenants, applications, departments, users.

Everything belongs to an instance (``""`` while the seller applies for the credential, joint operation, section 1.1).
Several instances may share a tenant. Fields with personal data or secrets are left out of ``repr``.
"""

from dataclasses import dataclass, field
from enum import StrEnum

NEVER = -1
"""Before every UTC epoch millisecond."""


class AuthorisationStatus(StrEnum):
    """Where a user stands: may use the application, may no longer use it, or has left the enterprise."""

    GRANTED = "GRANTED"
    REVOKED = "REVOKED"
    DELETED = "DELETED"


@dataclass(frozen=True, slots=True)
class Tenant:
    """An enterprise (tenantSync). ``domain`` is ``https://host`` of its sign-in server, without a slash at the end.

    ``unbound_ms``: UTC epoch milliseconds of the last time it was unbound from the instance, or ``NEVER``. What was
    said about its users until then does not count any more.
    """

    instance_id: str
    tenant_id: str
    tenant_code: str
    name: str = field(repr=False)
    domain: str
    order_id: str = ""
    deleted: bool = False
    unbound_ms: int = NEVER


@dataclass(frozen=True, slots=True)
class Application:
    """An application bound to a tenant (applicationSync): its own sign-in client. ``client_secret`` is decrypted."""

    instance_id: str
    tenant_id: str
    app_id: str
    client_id: str
    client_secret: str = field(repr=False)
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Department:
    """A department (singleOrgSync, allOrgSync). ``stale``: absent from the latest full synchronisation."""

    org_code: str
    org_name: str
    parent_code: str = ""
    stale: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class User:
    """A member who was authorised (authSync). ``role`` is ``user`` or ``admin``."""

    user_name: str
    name: str = field(repr=False)
    org_code: str
    role: str
    enabled: bool
    state: AuthorisationStatus
    position: str | None = None
    employee_code: str | None = None
    employee_type: str | None = None
    mobile: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    work_place: str | None = field(default=None, repr=False)
    entry_date: str | None = None
    extension: str | None = field(default=None, repr=False)

    @property
    def may_enter(self) -> bool:
        """May the user log in now?"""
        return self.enabled and self.state is AuthorisationStatus.GRANTED
