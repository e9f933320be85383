"""The buyers' organisation: the object through which everything in this package is reached."""

from emulator.marketplace.delivery.message_signing import MessageSigner
from emulator.marketplace.organisation.bindings import AppBindings
from emulator.marketplace.organisation.departments import EnterpriseDepartments
from emulator.marketplace.organisation.documents import Credential, Enterprise
from emulator.marketplace.organisation.enterprises import Enterprises
from emulator.marketplace.organisation.members import EnterpriseMembers
from emulator.marketplace.organisation.repository import OrganisationRepository
from emulator.marketplace.organisation.seed import seeded
from emulator.marketplace.organisation.sync_notifier import SyncNotifier
from emulator.marketplace.subscriptions.buyers import Customer


class Organisation:
    """What buyers do with their organisation is in ``enterprises``, ``bindings``, ``departments`` and ``members``, what
    there is in ``repository``. Each change posts the messages that tell the seller of it; they are tried once.
    """

    def __init__(self, notifier: SyncNotifier, signer: MessageSigner) -> None:
        ids = notifier.ids
        self.repository = OrganisationRepository(notifier.database)
        self.notifier = notifier
        self.enterprises = Enterprises(self.repository, self.notifier, ids)
        self.bindings = AppBindings(self.repository, self.notifier, ids, signer)
        self.departments = EnterpriseDepartments(self.repository, self.notifier)
        self.members = EnterpriseMembers(self.repository, self.notifier, self.bindings)

    def open(self) -> None:
        """A file without enterprises gets the first ones."""
        database = self.repository.database
        with database.changing():
            if not database.count(Enterprise):
                database.put(*seeded(database.all(Customer), self.notifier.ids))

    def adopt(self, credential: Credential) -> None:
        """The seller's credential, or the sign-in server's address, is another one: enterprises that something is bound
        to tell the seller where to sign in from now on.
        """
        self.notifier.credential = credential
        for enterprise in self.repository.enterprises():
            if enterprise.domain != credential.domain and self.repository.bound(enterprise.id):
                self.enterprises.move(enterprise.id, credential.domain)

    def dissolve(self, tenant_id: str) -> None:
        """End an enterprise: its members first, its departments from below, what is bound to it last (section 7.1).

        :raises KeyError: there is no such enterprise.
        """
        with self.repository.database.changing():
            enterprise = self.repository.enterprise(tenant_id)
            self.members.remove(tenant_id, [each.user_name for each in self.repository.employees(tenant_id)])
            while departments := self.repository.departments(tenant_id):
                parents = {each.parent for each in departments}
                for lowest in [each for each in departments if each.code not in parents]:
                    self.departments.delete(tenant_id, lowest.code)
            for binding in self.repository.bindings(tenant_id):
                self.bindings.unbind(binding.id)
            self.repository.keep(tenant_id, [enterprise.model_copy(update={"dissolved": True})])
