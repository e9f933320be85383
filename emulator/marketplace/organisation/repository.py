"""Repository of enterprises, departments, members and bindings; reports each change."""

from collections.abc import Callable, Iterable, Sequence

from emulator.marketplace.organisation.documents import Binding, Employee, Enterprise, EnterpriseDepartment, keyed
from emulator.marketplace.storage.database import Database, Document


class OrganisationRepository:
    """Looks up and stores documents in ``database``.

    ``changed`` is called with the tenant's id after each change; it must not raise.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.changed: Callable[[str], None] = lambda _tenant_id: None

    def keep(self, tenant_id: str, documents: Iterable[Document]) -> None:
        self.database.put(*documents)
        self.changed(tenant_id)

    def enterprise(self, tenant_id: str) -> Enterprise:
        """An enterprise.

        :raises KeyError: there is none, or it was dissolved.
        """
        found = self.database.the(Enterprise, tenant_id)
        if found.dissolved:
            raise KeyError(f"enterprise {tenant_id} was dissolved")
        return found

    def enterprises(self, customer_id: str | None = None) -> Sequence[Enterprise]:
        """All of them, of one customer if given."""
        return [each for each in self.database.all(Enterprise, customer_id) if not each.dissolved]

    def department(self, tenant_id: str, code: str) -> EnterpriseDepartment:
        """A department.

        :raises KeyError: there is none, or it was deleted.
        """
        found = self.database.the(EnterpriseDepartment, keyed(tenant_id, code))
        if found.gone:
            raise KeyError(f"department {code} was deleted")
        return found

    def departments(self, tenant_id: str) -> Sequence[EnterpriseDepartment]:
        """All that were not deleted, oldest first."""
        return [each for each in self.database.all(EnterpriseDepartment, tenant_id) if not each.gone]

    def below(self, tenant_id: str, code: str) -> set[str]:
        """The codes of a department and all below it."""
        everything, found = self.departments(tenant_id), {code}
        while more := {each.code for each in everything if each.parent in found} - found:
            found |= more
        return found

    def employee(self, tenant_id: str, user_name: str) -> Employee:
        """A member.

        :raises KeyError: there is none, or they were deleted.
        """
        found = self.database.the(Employee, keyed(tenant_id, user_name))
        if found.gone:
            raise KeyError(f"member {user_name} was deleted")
        return found

    def employees(self, tenant_id: str) -> Sequence[Employee]:
        """All that were not deleted, oldest first."""
        return [each for each in self.database.all(Employee, tenant_id) if not each.gone]

    def binding(self, subscription_id: str) -> Binding | None:
        """How a subscription is bound, or was."""
        return self.database.get(Binding, subscription_id)

    def bindings(self, tenant_id: str) -> Sequence[Binding]:
        """The subscriptions that are, or were last, bound to an enterprise."""
        return self.database.all(Binding, tenant_id)

    def bound(self, tenant_id: str) -> Sequence[Binding]:
        return [each for each in self.bindings(tenant_id) if each.bound]
