"""What buyers do to their organisation in the course of time, by chance."""

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

from emulator.marketplace.catalogue.products import ListedProduct
from emulator.marketplace.organisation.documents import Binding, BindingStage, Employee, EnterpriseDepartment
from emulator.marketplace.organisation.organisation import Organisation
from emulator.marketplace.organisation.repository import OrganisationRepository
from emulator.marketplace.storage.transactions import NotPossible
from emulator.marketplace.subscriptions.subscription import Subscription

T = TypeVar("T")

_FAMILY = "张李王赵陈刘杨黄"
_GIVEN = ("伟", "秀英", "Émile", "子涵", "O'Brien", "Ø", "雨桐", "𠮷")
_NAMES = ("研发", "Sales & Service", "客服 “夜班”", "财务", "Büro", "物流 🚚")
_ACTS = 12
"""Acts tried at most until one is possible."""


def edit_at_random(organisation: Organisation, random: Random) -> str:
    """Do something that a buyer may do; what it was. Empty if nobody can do anything."""
    if waiting := _unbound(organisation.repository):
        organisation.bindings.bind(random.choice(waiting).id)
        return "bind"
    bound = [each for each in _bindings(organisation.repository) if each.bound]
    for _ in range(_ACTS if bound else 0):
        editor = _Editor(organisation, random, random.choice(bound))
        name, act = random.choice(editor.actions())
        try:
            act()
        except NotPossible:
            continue
        return name
    return ""


class _Editor:
    """The administrator of what ``binding`` binds."""

    def __init__(self, organisation: Organisation, random: Random, binding: Binding) -> None:
        self._organisation = organisation
        self._repository = organisation.repository
        self._random = random
        self._binding = binding
        self._tenant_id = binding.tenant_id

    def actions(self) -> list[tuple[str, Callable[[], object]]]:
        """What can be done, the usual several times."""
        organisation, tenant_id, subscription_id = self._organisation, self._tenant_id, self._binding.id
        members, departments = organisation.members, organisation.departments
        usual: list[tuple[str, Callable[[], object]]] = [
            ("authorise", lambda: members.authorise(subscription_id, self._some(authorised=False))),
            ("revoke", lambda: members.revoke(subscription_id, self._some(authorised=True))),
            ("disable", lambda: members.enable(tenant_id, [self._employee(enabled=True).user_name], enabled=False)),
            ("enable", lambda: members.enable(tenant_id, [self._employee(enabled=False).user_name], enabled=True)),
            ("add member", self._add_member),
            ("move member", lambda: members.move(tenant_id, self._employee().user_name, self._department().code)),
            ("change member", self._change_member),
        ]
        rare: list[tuple[str, Callable[[], object]]] = [
            ("remove member", lambda: members.remove(tenant_id, [self._employee().user_name])),
            ("add department", lambda: departments.add(tenant_id, self._name(), self._department().code)),
            ("rename department", lambda: departments.rename(tenant_id, self._department().code, self._name())),
            (
                "move department",
                lambda: departments.move(tenant_id, self._department().code, self._department().code),
            ),
            ("delete department", lambda: departments.delete(tenant_id, self._department().code)),
            ("authorise department", lambda: members.authorise_department(subscription_id, self._department().code)),
            ("rename enterprise", lambda: organisation.enterprises.rename(tenant_id, self._name())),
            ("renew client", lambda: organisation.bindings.renew_client(tenant_id)),
            ("tell all again", lambda: organisation.bindings.again(subscription_id)),
        ]
        return usual * 3 + rare

    def _add_member(self) -> Employee:
        number = self._repository.database.next_number("member by chance")
        code = self._repository.enterprise(self._tenant_id).code
        name = self._random.choice(_FAMILY) + self._random.choice(_GIVEN)
        account, profile = f"m{number}@{code}", {"position": "Newcomer", "mobile": f"1370000{number % 10_000:04}"}
        return self._organisation.members.add(self._tenant_id, account, name, self._department().code, **profile)

    def _change_member(self) -> Employee:
        changes = {"role": self._random.choice(("user", "admin")), "position": self._random.choice(_NAMES)}
        return self._organisation.members.change(self._tenant_id, self._employee().user_name, **changes)

    def _department(self) -> EnterpriseDepartment:
        return self._one(self._repository.departments(self._tenant_id))

    def _employee(self, *, enabled: bool | None = None) -> Employee:
        members = self._repository.employees(self._tenant_id)
        return self._one([each for each in members if enabled in (None, each.enabled)])

    def _one(self, among: Sequence[T]) -> T:
        if not among:
            raise NotPossible("nothing-there", "there is nothing to choose from")
        return self._random.choice(among)

    def _some(self, *, authorised: bool) -> list[str]:
        members = self._repository.employees(self._tenant_id)
        fitting = [each.user_name for each in members if (self._binding.id in each.authorised) is authorised]
        first = self._one(fitting)
        return [first, *self._random.sample(fitting, self._random.randint(0, min(4, len(fitting))))]

    def _name(self) -> str:
        return f"{self._random.choice(_NAMES)} {self._random.randint(1, 999)}"


def _bindings(repository: OrganisationRepository) -> list[Binding]:
    return [binding for enterprise in repository.enterprises() for binding in repository.bindings(enterprise.id)]


def _unbound(repository: OrganisationRepository) -> list[Subscription]:
    """What could be bound to an enterprise of its customer."""
    with_enterprise = {each.customer_id for each in repository.enterprises()}
    taken = {each.id for each in _bindings(repository) if each.stage is not BindingStage.UNBOUND}
    kits = {each.id for each in repository.database.all(ListedProduct) if each.kit}
    return [
        each
        for each in repository.database.all(Subscription)
        if each.live and each.product in kits and each.customer_id in with_enterprise and each.id not in taken
    ]
