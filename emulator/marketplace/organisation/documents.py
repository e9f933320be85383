"""Stored documents of an enterprise, and what the seller was last told of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pydantic import Field

from emulator.marketplace.storage.database import Document
from shared.commands import Version


@dataclass(frozen=True, slots=True)
class Credential:
    """The seller's application credential, and where the sign-in server is (joint operation, sections 0.1 and 4.2).

    ``callback``: the seller's login address. ``domain``: what sellers are told as ``domainName``.
    """

    app_id: str = "emulated-application"
    callback: str = "http://127.0.0.1:8000/saas/login/callback"
    domain: str = "http://127.0.0.1:8100"


class Enterprise(Document):
    """A tenant: ``id`` is the ``tenantId``, ``code`` the ``tenantCode``. It has one sign-in client, whatever is bound.

    ``shares_contacts``: the buyer agreed that the seller gets mobile numbers and mail addresses (section 1.4).
    """

    owned_by = "customer_id"
    customer_id: str
    code: str
    name: str
    domain: str = ""
    client_id: str
    client_secret: str = Field(repr=False)
    shares_contacts: bool = True
    dissolved: bool = False


class EnterpriseDepartment(Document):
    """A department; ``parent`` is the code of the one above, empty at the top. One that is ``gone`` was deleted."""

    owned_by = "tenant_id"
    tenant_id: str
    code: str
    name: str
    parent: str = ""
    gone: bool = False


class Employee(Document):
    """A member. ``authorised``: the subscriptions whose application the member may use.

    ``entry_date`` is written as in version 1: ``yyyy-MM-d``. One who is ``gone`` was deleted.
    """

    owned_by = "tenant_id"
    tenant_id: str
    user_name: str
    name: str
    department: str
    password: str = Field(repr=False)
    role: str = "user"
    enabled: bool = True
    position: str = ""
    employee_code: str = ""
    employee_type: int = 1
    mobile: str = Field(default="", repr=False)
    email: str = Field(default="", repr=False)
    work_place: str = ""
    entry_date: str = ""
    authorised: tuple[str, ...] = ()
    gone: bool = False

    def may_use(self, binding_id: str, *, may: bool) -> "Employee":
        """The member, authorised for the application or not."""
        others = tuple(each for each in self.authorised if each != binding_id)
        return self.model_copy(update={"authorised": (*others, binding_id) if may else others})


class BindingStage(StrEnum):
    """How far a binding is. Each step is taken when the seller has accepted the one before."""

    TENANT = "telling the enterprise"
    APPLICATION = "telling the application"
    DEPARTMENTS = "telling the departments"
    BOUND = "bound"
    APPLICATION_GONE = "taking the application back"
    TENANT_GONE = "taking the enterprise back"
    UNBOUND = "unbound"


class Binding(Document):
    """The application of a subscription, bound to an enterprise: ``id`` is the subscription's.

    ``waits_for``: the message of the present step. ``departments``: those whose members, and whoever joins them, are
    authorised.
    """

    owned_by = "tenant_id"
    tenant_id: str
    instance_id: str
    order_id: str
    version: Version
    stage: BindingStage = BindingStage.TENANT
    waits_for: str = ""
    departments: tuple[str, ...] = ()

    @property
    def bound(self) -> bool:
        """Has the seller accepted all of it?"""
        return self.stage is BindingStage.BOUND

    @property
    def hears_of_departments(self) -> bool:
        """Was the full list made, so that what changes since must be told?"""
        return self.stage in (BindingStage.DEPARTMENTS, BindingStage.BOUND)


class Subject(StrEnum):
    """What something is said about."""

    TENANT = "tenant"
    APPLICATION = "application"
    DEPARTMENTS = "departments"
    DEPARTMENT = "department"
    USER = "user"


class Said(Document):
    """The latest word to one instance about one thing; ``key`` tells which, e.g. an account.

    ``at``: its time stamp, UTC milliseconds. ``told``: of a user, the members as they were sent, in the spelling of
    version 2, and ``state`` as ``GRANTED``, ``REVOKED`` or ``DELETED``.
    """

    owned_by = "tenant_id"
    tenant_id: str
    instance_id: str
    subject: Subject
    key: str
    message_id: str
    at: int
    told: Mapping[str, str] = {}


class LastStamp(Document):
    """The latest time stamp of an enterprise's messages, UTC milliseconds: ``id`` is the tenant's."""

    at: int


def keyed(*parts: str) -> str:
    """The id of a document that is named by several texts."""
    return "\n".join(parts)
