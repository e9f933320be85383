"""What the five interfaces of organisation sync say (joint operation, sections 1.2 to 1.6), whichever version said it.

A deletion is a value like any other: ``deleted``, or a user's ``state``. So every operation is "this is how it was at
that time", and the newest word counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from shared.directory import Application, Department, Tenant, User


@dataclass(frozen=True, slots=True)
class SyncTime:
    """When what a call says was so, and when the call was made: UTC epoch milliseconds (section 1.1).

    They differ in authSync only, where a repeat keeps ``currentSyncTime`` and may have a ``timeStamp`` of its own.
    """

    synced_ms: int
    sent_ms: int

    def order(self, rank: int, mark: str) -> str:
        """Text that sorts as words about one thing count: by time, then by ``rank`` (0 to 9), and last by a ``mark`` of
        the content, so that even a tie ends everywhere alike.
        """
        return f"{self.synced_ms:013}.{self.sent_ms:013}.{rank}.{mark}"


def synced_ms(order: str) -> int:
    """The time in an :meth:`SyncTime.order`."""
    return int(order.partition(".")[0])


@dataclass(frozen=True, slots=True)
class SyncTenant:
    """tenantSync."""

    tenant: Tenant
    at: SyncTime

    @property
    def instance_id(self) -> str:
        """For the log."""
        return self.tenant.instance_id


@dataclass(frozen=True, slots=True)
class SyncApplication:
    """applicationSync."""

    application: Application
    at: SyncTime

    @property
    def instance_id(self) -> str:
        """For the log."""
        return self.application.instance_id


@dataclass(frozen=True, slots=True)
class SyncUsers:
    """authSync: users of an application in an instance, each named once. ``added``: the call says they are new."""

    instance_id: str
    tenant_id: str
    app_id: str
    users: Sequence[User]
    at: SyncTime
    added: bool = False


@dataclass(frozen=True, slots=True)
class SyncDepartment:
    """singleOrgSync."""

    instance_id: str
    tenant_id: str
    department: Department
    at: SyncTime


@dataclass(frozen=True, slots=True)
class SyncDepartments:
    """allOrgSync: all departments there are, each named once."""

    instance_id: str
    tenant_id: str
    departments: Sequence[Department]
    at: SyncTime


Sync: TypeAlias = SyncTenant | SyncApplication | SyncUsers | SyncDepartment | SyncDepartments
