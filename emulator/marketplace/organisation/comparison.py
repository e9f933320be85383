"""Is the directory on the seller's side the same as its source?"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from emulator.marketplace.organisation.documents import Employee, EnterpriseDepartment, Said, Subject
from emulator.marketplace.organisation.repository import OrganisationRepository
from emulator.marketplace.organisation.sync_payloads import DELETED, GRANTED, user_members

_FIELDS = (
    *("name", "orgCode", "role", "enable", "state"),
    *("position", "employeeCode", "employeeType", "mobile", "email", "workPlace", "entryDate"),
)


class SellerDirectory(NamedTuple):
    """What the seller's side holds of one tenant.

    ``departments``: each with ``orgCode``, ``orgName``, ``parentCode``, and ``stale`` if it is to count for nothing.
    ``users``: each with ``userName``, ``name``, ``orgCode``, ``role``, ``enabled``, ``state`` (``GRANTED``, ``REVOKED``
    or ``DELETED``), and the optional members as authSync names them.
    """

    departments: Sequence[Mapping[str, Any]]
    users: Sequence[Mapping[str, Any]]


class Difference(NamedTuple):
    """Where they differ; a text is empty where there is nothing. ``key``: the department's code, or the account."""

    subject: Subject
    key: str
    expected: str
    found: str


def compare(repository: OrganisationRepository, tenant_id: str, directory: SellerDirectory) -> list[Difference]:
    """What is not as it should be. Departments count while something is bound; of users, what each instance was last
    told: who may enter through one of them may enter.
    """
    return [
        *_departments(repository, tenant_id, directory.departments),
        *_users(repository, tenant_id, directory.users),
    ]


def _departments(
    repository: OrganisationRepository, tenant_id: str, found: Iterable[Mapping[str, Any]]
) -> Iterable[Difference]:
    if not repository.bound(tenant_id):
        return []
    source = {each.code: _written(each) for each in repository.departments(tenant_id)}
    held = {
        str(each["orgCode"]): f"{each.get('orgName')} below {each.get('parentCode') or '-'}"
        for each in found
        if not each.get("stale")
    }
    return _unequal(Subject.DEPARTMENT, source, held)


def _users(
    repository: OrganisationRepository, tenant_id: str, found: Iterable[Mapping[str, Any]]
) -> Iterable[Difference]:
    expected = _expected(repository, tenant_id)
    held = {str(each["userName"]): _as_sent(each) for each in found}
    source, there = {}, {}
    for name in expected.keys() | held.keys():
        should, does = expected.get(name, {"state": DELETED}), held.get(name, {"state": DELETED})
        names = ["state"] if should["state"] == DELETED else _FIELDS
        apart = [each for each in names if should.get(each, "") != does.get(each, "")]
        source[name] = ", ".join(f"{each} {should.get(each, '')}" for each in apart)
        there[name] = ", ".join(f"{each} {does.get(each, '')}" for each in apart)
    return _unequal(Subject.USER, source, there)


def _expected(repository: OrganisationRepository, tenant_id: str) -> Mapping[str, Mapping[str, str]]:
    said: dict[str, list[Said]] = defaultdict(list)
    for each in repository.database.all(Said, tenant_id):
        if each.subject is Subject.USER:
            said[each.key].append(each)
    expected = {
        name: max(words, key=lambda word: (_may_enter(word.told), word.at)).told for name, words in said.items()
    }
    bound = {each.id for each in repository.bound(tenant_id)}
    contacts = repository.enterprise(tenant_id).shares_contacts if bound else False
    admitted = (
        each for each in repository.employees(tenant_id) if each.enabled and bound.intersection(each.authorised)
    )
    return expected | {each.user_name: _granted(each, contacts=contacts) for each in admitted}


def _granted(employee: Employee, *, contacts: bool) -> Mapping[str, str]:
    members = user_members(employee, contacts=contacts)
    return {name: str(value) for name, value in members.items()} | {"state": GRANTED}


def _may_enter(told: Mapping[str, str]) -> bool:
    return told["state"] == GRANTED and told["enable"] == "true"


def _as_sent(user: Mapping[str, Any]) -> Mapping[str, str]:
    members = {name: str(value) for name, value in user.items() if value is not None}
    return members | {"enable": str(user.get("enabled")).lower()}


def _written(department: EnterpriseDepartment) -> str:
    return f"{department.name} below {department.parent or '-'}"


def _unequal(subject: Subject, expected: Mapping[str, str], found: Mapping[str, str]) -> list[Difference]:
    keys = sorted(expected.keys() | found.keys())
    pairs = ((key, expected.get(key, ""), found.get(key, "")) for key in keys)
    return [Difference(subject, key, should, does) for key, should, does in pairs if should != does]
