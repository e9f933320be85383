"""The directory: what the marketplace has synchronised of the buyers' organisations, to read and to add to.

One table, ``directory``. How each part stays right whatever order calls come in stands in :mod:`shared.store.bindings`,
:mod:`shared.store.members` and :mod:`shared.store.departments`. Reading never writes anything but removals of what
counts for nothing any more.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.directory import NEVER, Application, Department, Tenant, User
from shared.directory.commands import SyncApplication, SyncDepartment, SyncDepartments, SyncTenant, SyncUsers
from shared.directory.tree import Branch, tree
from shared.errors import InvalidParameter
from shared.store.bindings import Bindings, Unbinding
from shared.store.cipher import StorageCipher
from shared.store.departments import Departments
from shared.store.member_items import SHARDS, Unbound
from shared.store.members import Members
from shared.store.table import Table


@dataclass(frozen=True, slots=True)
class DepartmentPage:
    """Some departments; ``next`` asks for those behind them, ``None`` at the end."""

    departments: Sequence[Department] = field(repr=False)
    next: str | None


@dataclass(frozen=True, slots=True)
class UserPage:
    """Some users; ``next`` asks for those behind them, ``None`` at the end."""

    users: Sequence[User] = field(repr=False)
    next: str | None


class Directory:
    """Tenants, applications, departments and users.

    :param app_id: the application whose words about users come before those of others; empty if none does.

    Every method raises :class:`shared.errors.Unavailable` if the store does not answer, and ``ConfigurationError`` if
    no ``KOOGALLERY_STORAGE_KEY`` opens what it sealed.
    """

    def __init__(self, table: Table, cipher: StorageCipher, app_id: str = "") -> None:
        self._bindings = Bindings(table, cipher)
        self._members = Members(table, cipher, app_id)
        self._departments = Departments(table, cipher)

    def tenants(self, tenant_id: str) -> list[Tenant]:
        """A tenant as each of its instances knows it: those not deleted first, then the latest word first."""
        return self._bindings.tenants(tenant_id)

    def tenants_by_code(self, tenant_code: str) -> list[Tenant]:
        """The tenants with this code, in the same order."""
        return self._bindings.tenants_by_code(tenant_code)

    def application(self, tenant_id: str, app_id: str | None, instance_id: str | None = None) -> Application | None:
        """The application of a tenant: one that is not deleted, if there is; then the one last heard of.

        :param app_id: ``None`` for any.
        :param instance_id: ``None`` for any.
        """
        found = self._bindings.applications(tenant_id, app_id)
        return next((each for each in found if instance_id in (None, each.instance_id)), None)

    def bound(self, tenant_id: str, app_id: str) -> tuple[list[Tenant], list[Application]]:
        """A tenant and an application of it, as each instance knows them: those not deleted first, then the latest word
        first.
        """
        return self._bindings.bound(tenant_id, app_id)

    def user(
        self,
        tenant_id: str,
        user_name: str,
        instance_id: str | None = None,
        app_id: str | None = None,
        unbound: Unbound | None = None,
    ) -> User | None:
        """A user: as this application knows them, if it does; then as the instance that lets them in, then by the
        latest word.

        :param instance_id: ``None`` for any.
        :param app_id: ``None`` for any.
        :param unbound: when the tenant was last unbound, by instance, if that is known; otherwise it is read.
        """
        if unbound is None:
            unbound = self._bindings.unbound(tenant_id)
        return self._members.get(tenant_id, user_name, unbound, instance_id, app_id)

    def users(self, tenant_id: str, limit: int = 100, after: str | None = None) -> UserPage:
        """Up to ``limit`` users of a tenant, of whatever state, in no particular but always the same order.

        :param after: ``next`` of the page before.
        :raises InvalidParameter: ``after`` is none.
        """
        shard, _, name = (after or "0.").partition(".")
        if shard not in map(str, range(SHARDS)):
            raise InvalidParameter("next is not one that was given out")
        found = self._members.page(tenant_id, limit, (int(shard), name), self._bindings.unbound(tenant_id))
        users = [user for _, user in found]
        if len(found) < limit:
            return UserPage(users, None)
        last_shard, last_name = found[-1][0]
        return UserPage(users, f"{last_shard}.{last_name}")

    def members(self, tenant_id: str, org_code: str, limit: int = 100, after: str | None = None) -> UserPage:
        """Up to ``limit`` users of a department by name, without those below it and those who left. One read for each.

        :param after: ``next`` of the page before.
        """
        found = self._members.of(tenant_id, org_code, limit, after or "", self._bindings.unbound(tenant_id))
        return UserPage(found, found[-1].user_name if len(found) == limit else None)

    def departments(self, tenant_id: str, limit: int = 100, after: str | None = None) -> DepartmentPage:
        """Up to ``limit`` departments of a tenant by code, without deleted ones.

        :param after: ``next`` of the page before.
        """
        found = self._all_departments(tenant_id)
        start = bisect_right(found, after, key=lambda each: each.org_code) if after else 0
        page = found[start : start + limit]
        return DepartmentPage(page, page[-1].org_code if start + limit < len(found) else None)

    def tree(self, tenant_id: str) -> list[Branch]:
        """All departments of a tenant that are not deleted: the top ones, with everything below them."""
        return tree(self._all_departments(tenant_id))

    def _all_departments(self, tenant_id: str) -> list[Department]:
        """None of a tenant that is bound to no instance any more."""
        tenants = self._bindings.tenants(tenant_id)
        gone = bool(tenants) and all(tenant.deleted for tenant in tenants)
        return [] if gone else self._departments.all(tenant_id)

    def to_clear_up(self) -> list[Unbinding]:
        """The unbindings after which something may be left of people and departments."""
        return self._bindings.to_clear_up()

    def clear_up(self, unbinding: Unbinding, most: int) -> int:
        """Remove at most ``most`` words that do not count since an unbinding; how many. Fewer: nothing is left.

        Departments go with the last instance, as they belong to the tenant: bound again, it may have only those that
        were told after that.
        """
        tenant_id, tenants = unbinding.tenant_id, self._bindings.tenants(unbinding.tenant_id)
        last = {each.instance_id: each.unbound_ms for each in tenants}.get(unbinding.instance_id, NEVER)
        if last < unbinding.at_ms:
            return 0  # the deletion itself is about to be stored
        removed = self._members.forget(unbinding, most)
        if removed < most and all(tenant.deleted for tenant in tenants):
            removed += self._departments.forget(tenant_id, last, most - removed)
        if removed < most:
            self._bindings.cleared_up(unbinding)
        return removed

    def put_tenant(self, command: SyncTenant) -> bool:
        """Store what was said about a tenant. ``False`` if something newer is known."""
        return self._bindings.put_tenant(command)

    def put_application(self, command: SyncApplication) -> bool:
        """Store what was said about an application; the answer is :meth:`put_tenant`'s."""
        return self._bindings.put_application(command)

    def put_users(self, command: SyncUsers) -> tuple[list[User], list[User]]:
        """Store what was said about users. Of whom it was new; and of whom the very same was known, nothing newer."""
        return self._members.put(command)

    def put_department(self, command: SyncDepartment) -> None:
        """Store what was said about a department, unless something newer is known."""
        self._departments.put(command)

    def put_departments(self, command: SyncDepartments) -> None:
        """Store a full list of departments."""
        self._departments.put_all(command)
