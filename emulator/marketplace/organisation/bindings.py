"""Binds applications to enterprises, step by step, and takes them back (joint operation, sections 1.1 and 7.1)."""

from collections.abc import Mapping
from dataclasses import dataclass

from emulator.marketplace.catalogue.products import ListedProduct
from emulator.marketplace.delivery.message_signing import MessageSigner
from emulator.marketplace.delivery.messages import Message, Purpose
from emulator.marketplace.ids import Ids
from emulator.marketplace.organisation.documents import Binding, BindingStage, Enterprise
from emulator.marketplace.organisation.repository import OrganisationRepository
from emulator.marketplace.organisation.sync_notifier import SyncNotifier
from emulator.marketplace.organisation.sync_payloads import Flag
from emulator.marketplace.storage.transactions import NotPossible
from emulator.marketplace.subscriptions.subscription import Subscription
from shared.commands import Version

_AFTER: Mapping[BindingStage, BindingStage] = {
    BindingStage.TENANT: BindingStage.APPLICATION,
    BindingStage.APPLICATION: BindingStage.DEPARTMENTS,
    BindingStage.DEPARTMENTS: BindingStage.BOUND,
    BindingStage.APPLICATION_GONE: BindingStage.TENANT_GONE,
    BindingStage.TENANT_GONE: BindingStage.UNBOUND,
}
_LEAVING = (BindingStage.APPLICATION_GONE, BindingStage.TENANT_GONE, BindingStage.UNBOUND)


@dataclass
class AppBindings:
    """Each step is told when the seller has accepted the one before; one that was given up waits for a restart."""

    repository: OrganisationRepository
    notifier: SyncNotifier
    ids: Ids
    signer: MessageSigner

    def bind(self, subscription_id: str, tenant_id: str = "") -> Binding:
        """Let an enterprise, the customer's first unless another is named, use what was bought: tenantSync,
        applicationSync and allOrgSync.

        :raises KeyError: there is no such subscription or enterprise.
        :raises NotPossible: nothing to bind, bound already, another customer's, or a key is missing.
        """
        with self.repository.database.changing():
            subscription, product = self._bindable(subscription_id)
            enterprise = self._enterprise(subscription, tenant_id)
            if not self.repository.bound(enterprise.id):
                enterprise = enterprise.model_copy(update={"domain": self.notifier.credential.domain})
            binding = Binding(
                id=subscription.id,
                tenant_id=enterprise.id,
                instance_id=subscription.instance_id,
                order_id=subscription.order_id,
                version=product.version,
            )
            self.repository.database.put(enterprise)
            return self._told(binding)

    def again(self, subscription_id: str) -> list[Message]:
        """Tell everything but the members once more, which mends a seller who lost it (section 4.8).

        :raises NotPossible: it is not bound.
        """
        with self.repository.database.changing():
            binding = self.must_be_bound(subscription_id)
            stages = (BindingStage.TENANT, BindingStage.APPLICATION, BindingStage.DEPARTMENTS)
            return [self._message(binding.model_copy(update={"stage": stage})) for stage in stages]

    def unbind(self, subscription_id: str) -> Binding | None:
        """Take the application back, and the enterprise. No page says that authorisations are revoked one by one, so
        they are not. ``None`` if there is nothing to take back.
        """
        with self.repository.database.changing():
            binding = self.repository.binding(subscription_id)
            if binding is None or binding.stage in _LEAVING:
                return None
            self._forget_members(binding)
            return self._told(binding.model_copy(update={"stage": BindingStage.APPLICATION_GONE, "departments": ()}))

    def renew_client(self, tenant_id: str) -> Enterprise:
        """Give the enterprise's sign-in client another secret.

        :raises KeyError: there is no such enterprise.
        """
        with self.repository.database.changing():
            secret = {"client_secret": self.ids.hexadecimal("client secret")}
            enterprise = self.repository.enterprise(tenant_id).model_copy(update=secret)
            self.repository.keep(tenant_id, [enterprise])
            for binding in self.repository.bound(tenant_id):
                self.notifier.application(binding, enterprise, self._encrypted(enterprise), Flag.MODIFY)
            return enterprise

    def must_be_bound(self, subscription_id: str) -> Binding:
        """The binding.

        :raises NotPossible: it is not bound, or not completely.
        """
        binding = self.repository.binding(subscription_id)
        if binding is None or not binding.bound:
            raise NotPossible("not-bound", "the application is not bound to an enterprise")
        return binding

    def follow_up(self, message: Message) -> None:
        """The seller accepted ``message``: go on with what waited for it. What was released is unbound."""
        if message.purpose is Purpose.RELEASE:
            self.unbind(message.about)
            return
        for binding in self.repository.bindings(message.about) if message.sync else ():
            if binding.waits_for == message.id:
                self._told(binding.model_copy(update={"stage": _AFTER[binding.stage], "waits_for": ""}))

    def _told(self, binding: Binding) -> Binding:
        """The present step is told, unless it is the last; the binding waits for that."""
        if binding.stage in _AFTER:
            binding = binding.model_copy(update={"waits_for": self._message(binding).id})
        self.repository.keep(binding.tenant_id, [binding])
        return binding

    def _message(self, binding: Binding) -> Message:
        enterprise = self.repository.database.the(Enterprise, binding.tenant_id)
        flag = Flag.DELETE if binding.stage in _LEAVING else Flag.ADD
        if binding.stage is BindingStage.DEPARTMENTS:
            return self.notifier.departments(binding, self.repository.departments(binding.tenant_id))
        if binding.stage in (BindingStage.TENANT, BindingStage.TENANT_GONE):
            return self.notifier.tenant(binding, enterprise, flag)
        return self.notifier.application(binding, enterprise, self._encrypted(enterprise), flag)

    def _bindable(self, subscription_id: str) -> tuple[Subscription, ListedProduct]:
        database, keys = self.repository.database, self.signer.keys
        subscription = database.the(Subscription, subscription_id)
        product = database.the(ListedProduct, subscription.product)
        if not subscription.live or not product.kit:
            raise NotPossible("nothing-to-bind", f"{product.name} cannot be bound, or it is {subscription.status}")
        binding = self.repository.binding(subscription_id)
        if binding and binding.stage is not BindingStage.UNBOUND:
            raise NotPossible("bound-already", "it is bound to an enterprise")
        if not (keys.key if product.version is Version.V1 else keys.sync_key) or not keys.rsa_public_key:
            raise NotPossible("no-sync-key", "the key of organisation sync or the seller's public key is missing")
        return subscription, product

    def _enterprise(self, subscription: Subscription, tenant_id: str) -> Enterprise:
        if tenant_id:
            enterprise = self.repository.enterprise(tenant_id)
            if enterprise.customer_id != subscription.customer_id:
                raise NotPossible("other-customer", "the enterprise belongs to another customer")
            return enterprise
        found = self.repository.enterprises(subscription.customer_id)
        if not found:
            raise NotPossible("no-enterprise", "the customer has no enterprise")
        return found[0]

    def _forget_members(self, binding: Binding) -> None:
        members = (each for each in self.repository.employees(binding.tenant_id) if binding.id in each.authorised)
        self.repository.database.put(*[each.may_use(binding.id, may=False) for each in members])

    def _encrypted(self, enterprise: Enterprise) -> str:
        """The client secret as the seller's public key carries it (section 3.1)."""
        from emulator.wire.client_secret import encrypt_secret

        return encrypt_secret(self.signer.keys.rsa_public_key, enterprise.client_secret)
