"""The departments of an enterprise as a tree, and where the seller's side differs."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from emulator.marketplace.organisation.comparison import Difference, compare
from emulator.marketplace.organisation.documents import Employee, EnterpriseDepartment, Subject
from emulator.marketplace.organisation.organisation import Organisation
from emulator.seller.application import SellerApplication


@dataclass
class TreeBranch:
    """A department with what is below it. ``members``: how many are in it itself."""

    department: EnterpriseDepartment
    members: int
    below: list["TreeBranch"] = field(default_factory=list)


class Compared(NamedTuple):
    """``problem``: why the seller's side could not be read. The maps have what differs, by code and by account."""

    problem: str = ""
    departments: Mapping[str, Difference] = {}
    users: Mapping[str, Difference] = {}

    @property
    def differences(self) -> Sequence[Difference]:
        return [*self.departments.values(), *self.users.values()]


def tree(departments: Sequence[EnterpriseDepartment], employees: Iterable[Employee]) -> Sequence[TreeBranch]:
    """Those at the top, in order, with all below; a department whose parent is gone stands at the top."""
    counts = Counter(each.department for each in employees)
    branches = {each.code: TreeBranch(each, counts[each.code]) for each in departments}
    children: dict[str, list[TreeBranch]] = defaultdict(list)
    for branch in branches.values():
        parent = branch.department.parent
        children[parent if parent in branches else ""].append(branch)
    for code, branch in branches.items():
        branch.below = children[code]
    return children[""]


def compared(organisation: Organisation, tenant_id: str, application: SellerApplication | None) -> Compared | None:
    """The seller's directory beside ours; ``None`` if the seller's side is out of reach."""
    if application is None:
        return None
    try:
        held = application.directory(tenant_id)
    except ConnectionError as error:
        return Compared(str(error))
    found = compare(organisation.repository, tenant_id, held)
    return Compared(
        departments={each.key: each for each in found if each.subject is Subject.DEPARTMENT},
        users={each.key: each for each in found if each.subject is Subject.USER},
    )
