"""Members of an enterprise, and who of them may use what (joint operation, sections 1.4 and 7.1)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from emulator.marketplace.organisation.bindings import AppBindings
from emulator.marketplace.organisation.documents import Employee, keyed
from emulator.marketplace.organisation.enterprises import fits
from emulator.marketplace.organisation.repository import OrganisationRepository
from emulator.marketplace.organisation.sync_notifier import SyncNotifier
from emulator.marketplace.organisation.sync_payloads import Flag
from emulator.marketplace.storage.transactions import NotPossible

ROLES = ("user", "admin")
LONGEST = 64
PROFILE = ("name", "role", "position", "employee_code", "employee_type", "mobile", "email", "work_place", "entry_date")
"""Members of :class:`Employee` that :meth:`Members.change` changes."""


@dataclass
class EnterpriseMembers:
    """What an administrator does to members. Each method raises ``KeyError`` for what there is not."""

    repository: OrganisationRepository
    notifier: SyncNotifier
    bindings: AppBindings

    def add(self, tenant_id: str, user_name: str, name: str, department: str, **profile: Any) -> Employee:
        """Take in a member, who is authorised for what their department is authorised for.

        :param profile: further members of :class:`Employee`; a password is made up if there is none.
        :raises NotPossible: the account is taken, or a text is empty or too long.
        """
        with self.repository.database.changing():
            tenant = self.repository.enterprise(tenant_id).id
            if any(each.user_name == user_name for each in self.repository.employees(tenant)):
                raise NotPossible("account-taken", "another member has that account", "account")
            made_up = {"password": f"{user_name.partition('@')[0]}-password"}
            names = {"id": keyed(tenant, user_name), "tenant_id": tenant, "user_name": user_name, "name": name}
            employee = Employee.model_validate({**names, "department": department, **made_up, **profile})
            self._check(employee)
            self.repository.keep(tenant, [employee])
            return self._joined(employee)

    def change(self, tenant_id: str, user_name: str, **changes: Any) -> Employee:
        """Change some of ``PROFILE``.

        :raises NotPossible: there is no such role, or a text is empty or too long.
        """
        if unknown := set(changes) - set(PROFILE):
            raise TypeError(f"cannot change {', '.join(sorted(unknown))}")
        return self._changed(
            tenant_id, [user_name], lambda each: Employee.model_validate({**each.model_dump(), **changes})
        )[0]

    def move(self, tenant_id: str, user_name: str, department: str) -> Employee:
        """Put a member into another department, and authorise them for what it is authorised for."""
        with self.repository.database.changing():
            where = {"department": department}
            return self._joined(self._changed(tenant_id, [user_name], lambda each: each.model_copy(update=where))[0])

    def enable(self, tenant_id: str, user_names: Iterable[str], *, enabled: bool) -> Sequence[Employee]:
        """Let members sign in and use what they are authorised for, or not."""
        return self._changed(tenant_id, user_names, lambda each: each.model_copy(update={"enabled": enabled}))

    def remove(self, tenant_id: str, user_names: Iterable[str]) -> None:
        """Delete members; every instance that ever heard of them is told."""
        with self.repository.database.changing():
            enterprise = self.repository.enterprise(tenant_id)
            gone = [self.repository.employee(tenant_id, each) for each in user_names]
            left = {"gone": True, "authorised": ()}
            self.repository.keep(tenant_id, [each.model_copy(update=left) for each in gone])
            for binding in self.repository.bound(tenant_id):
                known = [each for each in gone if self.notifier.heard_of(binding, each.user_name)]
                self.notifier.users(binding, enterprise, known, Flag.DELETE)

    def authorise(self, subscription_id: str, user_names: Iterable[str]) -> Sequence[Employee]:
        """Let members use the application of a subscription. Who may already is told again.

        :raises NotPossible: it is not bound.
        """
        return self._authorised(subscription_id, user_names, Flag.ADD)

    def revoke(self, subscription_id: str, user_names: Iterable[str]) -> Sequence[Employee]:
        """Let members use it no longer.

        :raises NotPossible: it is not bound.
        """
        return self._authorised(subscription_id, user_names, Flag.REVOKE)

    def authorise_department(self, subscription_id: str, code: str) -> Sequence[Employee]:
        """Authorise the members of a department and of those below it, and whoever joins them later.

        :raises NotPossible: it is not bound.
        """
        with self.repository.database.changing():
            binding = self.bindings.must_be_bound(subscription_id)
            self.repository.department(binding.tenant_id, code)
            codes = tuple(dict.fromkeys((*binding.departments, code)))
            self.repository.database.put(binding.model_copy(update={"departments": codes}))
            below = self.repository.below(binding.tenant_id, code)
            members = self.repository.employees(binding.tenant_id)
            return self.authorise(subscription_id, [each.user_name for each in members if each.department in below])

    def _joined(self, employee: Employee) -> Employee:
        """Authorisations of a department hold for whoever joins it later (section 7.1)."""
        tenant_id = employee.tenant_id
        for binding in self.repository.bound(tenant_id):
            authorised = (self.repository.below(tenant_id, each) for each in binding.departments)
            if binding.id not in employee.authorised and any(employee.department in codes for codes in authorised):
                employee = self.authorise(binding.id, [employee.user_name])[0]
        return employee

    def _authorised(self, subscription_id: str, user_names: Iterable[str], flag: Flag) -> Sequence[Employee]:
        with self.repository.database.changing():
            binding = self.bindings.must_be_bound(subscription_id)
            enterprise = self.repository.enterprise(binding.tenant_id)
            found = [self.repository.employee(enterprise.id, each) for each in dict.fromkeys(user_names)]
            changed = [each.may_use(binding.id, may=flag is Flag.ADD) for each in found]
            self.repository.keep(enterprise.id, changed)
            self.notifier.users(binding, enterprise, changed, flag)
            return changed

    def _changed(
        self, tenant_id: str, user_names: Iterable[str], change: Callable[[Employee], Employee]
    ) -> Sequence[Employee]:
        with self.repository.database.changing():
            enterprise = self.repository.enterprise(tenant_id)
            changed = [change(self.repository.employee(tenant_id, each)) for each in dict.fromkeys(user_names)]
            for employee in changed:
                self._check(employee)
            self.repository.keep(tenant_id, changed)
            for binding in self.repository.bound(tenant_id):
                told = [each for each in changed if binding.id in each.authorised]
                self.notifier.users(binding, enterprise, told, Flag.MODIFY)
            return changed

    def _check(self, employee: Employee) -> None:
        fits("account", employee.user_name, LONGEST)
        fits("name", employee.name, LONGEST)
        self.repository.department(employee.tenant_id, employee.department)
        if employee.role not in ROLES:
            raise NotPossible("no-role", "a member is user or admin", "role")
