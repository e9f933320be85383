"""Creates, renames and shares enterprises."""

from dataclasses import dataclass

from emulator.marketplace.ids import Ids
from emulator.marketplace.organisation.documents import Enterprise
from emulator.marketplace.organisation.repository import OrganisationRepository
from emulator.marketplace.organisation.sync_notifier import SyncNotifier
from emulator.marketplace.organisation.sync_payloads import Flag
from emulator.marketplace.storage.transactions import NotPossible
from emulator.marketplace.subscriptions.buyers import Customer

LONGEST_NAME, LONGEST_CODE = 255, 64


@dataclass
class Enterprises:
    """What is done to an enterprise itself (joint operation, sections 1.2 and 7.1)."""

    repository: OrganisationRepository
    notifier: SyncNotifier
    ids: Ids

    def found(self, customer_id: str, code: str, name: str, *, shares_contacts: bool = True) -> Enterprise:
        """Create one. The seller hears of it when an application is bound to it.

        :param code: its short name, which no other has.
        :raises KeyError: there is no such customer.
        :raises NotPossible: the code is taken, or a text is empty or too long.
        """
        fits("code", code, LONGEST_CODE)
        fits("name", name, LONGEST_NAME)
        with self.repository.database.changing():
            if any(each.code == code for each in self.repository.database.all(Enterprise)):
                raise NotPossible("code-taken", "another enterprise has that code", "code")
            customer = self.repository.database.the(Customer, customer_id)
            enterprise = new_enterprise(self.ids, customer.id, code, name, shares_contacts=shares_contacts)
            self.repository.keep(enterprise.id, [enterprise])
            return enterprise

    def rename(self, tenant_id: str, name: str) -> Enterprise:
        """Give it another name.

        :raises KeyError: there is no such enterprise.
        :raises NotPossible: the name is empty or too long.
        """
        fits("name", name, LONGEST_NAME)
        return self._amended(tenant_id, name=name)

    def move(self, tenant_id: str, domain: str) -> Enterprise:
        """Let its sign-in server be at another address.

        :raises KeyError: there is no such enterprise.
        """
        return self._amended(tenant_id, domain=domain)

    def _amended(self, tenant_id: str, **changes: str) -> Enterprise:
        with self.repository.database.changing():
            enterprise = self.repository.enterprise(tenant_id).model_copy(update=changes)
            self.repository.keep(tenant_id, [enterprise])
            for binding in self.repository.bound(tenant_id):
                self.notifier.tenant(binding, enterprise, Flag.MODIFY)
            return enterprise


def new_enterprise(ids: Ids, customer_id: str, code: str, name: str, *, shares_contacts: bool) -> Enterprise:
    return Enterprise(
        id=ids.hexadecimal("tenant"),
        customer_id=customer_id,
        code=code,
        name=name,
        client_id=ids.hexadecimal("client")[:24],
        client_secret=ids.hexadecimal("client secret"),
        shares_contacts=shares_contacts,
    )


def fits(name: str, text: str, longest: int) -> None:
    """Accept a text that the interfaces can carry.

    :raises NotPossible: it is empty or too long.
    """
    if not text.strip():
        raise NotPossible("empty", f"{name} is empty", name)
    if len(text) > longest:
        raise NotPossible("too-long", f"{name} is longer than {longest} characters", name)
