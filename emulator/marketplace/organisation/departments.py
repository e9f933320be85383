"""Departments: each change is told to every instance that has the full list (joint operation, section 1.5)."""

from dataclasses import dataclass

from emulator.marketplace.organisation.documents import EnterpriseDepartment, keyed
from emulator.marketplace.organisation.enterprises import LONGEST_CODE, fits
from emulator.marketplace.organisation.repository import OrganisationRepository
from emulator.marketplace.organisation.sync_notifier import SyncNotifier
from emulator.marketplace.organisation.sync_payloads import Flag
from emulator.marketplace.storage.transactions import NotPossible

LONGEST_NAME = 128


@dataclass
class EnterpriseDepartments:
    """What an administrator does to departments. Each method raises ``KeyError`` for what there is not."""

    repository: OrganisationRepository
    notifier: SyncNotifier

    def add(self, tenant_id: str, name: str, parent: str = "", code: str = "") -> EnterpriseDepartment:
        """Create one below ``parent``, or at the top.

        :param code: made up if empty.
        :raises NotPossible: the code or the name is taken, or a text is too long.
        """
        with self.repository.database.changing():
            tenant = self.repository.enterprise(tenant_id).id
            code = code or self._free_code(tenant)
            fits("code", code, LONGEST_CODE)
            if any(each.code == code for each in self.repository.departments(tenant)):
                raise NotPossible("code-taken", "another department has that code", "code")
            department = EnterpriseDepartment(
                id=keyed(tenant, code), tenant_id=tenant, code=code, name=name, parent=parent
            )
            return self._kept(department, Flag.ADD)

    def rename(self, tenant_id: str, code: str, name: str) -> EnterpriseDepartment:
        """Give one another name.

        :raises NotPossible: its level has that name, or it is empty or too long.
        """
        with self.repository.database.changing():
            department = self.repository.department(tenant_id, code)
            return self._kept(department.model_copy(update={"name": name}), Flag.MODIFY)

    def move(self, tenant_id: str, code: str, parent: str) -> EnterpriseDepartment:
        """Put one, with all below it, under another, or to the top.

        :raises NotPossible: the other is below it, or has one of that name.
        """
        with self.repository.database.changing():
            department = self.repository.department(tenant_id, code)
            if parent in self.repository.below(tenant_id, code):
                raise NotPossible("circle", "a department cannot stand below itself", "parent")
            return self._kept(department.model_copy(update={"parent": parent}), Flag.MODIFY)

    def delete(self, tenant_id: str, code: str) -> EnterpriseDepartment:
        """Delete one that is empty.

        :raises NotPossible: departments or members are in it.
        """
        with self.repository.database.changing():
            department = self.repository.department(tenant_id, code)
            members = any(each.department == code for each in self.repository.employees(tenant_id))
            if members or len(self.repository.below(tenant_id, code)) > 1:
                raise NotPossible("not-empty", "departments or members are in it")
            return self._told(department.model_copy(update={"gone": True}), Flag.DELETE)

    def _kept(self, department: EnterpriseDepartment, flag: Flag) -> EnterpriseDepartment:
        fits("name", department.name, LONGEST_NAME)
        if department.parent:
            self.repository.department(department.tenant_id, department.parent)
        others = (each for each in self.repository.departments(department.tenant_id) if each.code != department.code)
        if any((each.parent, each.name) == (department.parent, department.name) for each in others):
            raise NotPossible("name-taken", "a department of that level has that name", "name")
        return self._told(department, flag)

    def _told(self, department: EnterpriseDepartment, flag: Flag) -> EnterpriseDepartment:
        self.repository.keep(department.tenant_id, [department])
        for binding in self.repository.bindings(department.tenant_id):
            if binding.hears_of_departments:
                self.notifier.department(binding, department, flag)
        return department

    def _free_code(self, tenant_id: str) -> str:
        return f"{10_000 + self.repository.database.next_number(f'department of {tenant_id}')}"
