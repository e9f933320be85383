"""What the directory must show after some calls, whatever order they came in: the plain definition, in a few lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from shared.directory import NEVER, Application, AuthorisationStatus, Department, Tenant, User
from shared.directory.commands import Sync, SyncApplication, SyncDepartment, SyncDepartments, SyncTenant, SyncUsers
from shared.store.directory import Directory

B = TypeVar("B", Tenant, Application)


@dataclass(frozen=True)
class View:
    """Everything that can be read about one tenant."""

    tenants: list[Tenant]
    application: Application | None
    users: dict[str, User]
    members: dict[str, list[str]]
    departments: list[Department]


def expected(commands: Iterable[Sync], orgs: Sequence[str]) -> View:
    """By the latest word about each thing; no two commands may have the same time."""
    in_order = sorted(commands, key=lambda command: command.at.synced_ms)
    unbound = _unbound(in_order)
    tenants: dict[str, Tenant] = {}
    applications: dict[str, Application] = {}
    users: dict[str, dict[tuple[str, str], User]] = {}
    departments: dict[str, Department] = {}
    for command in in_order:
        match command:
            case SyncTenant(tenant):
                tenants = {name: each for name, each in tenants.items() if name != tenant.instance_id}
                tenants[tenant.instance_id] = replace(tenant, unbound_ms=unbound.get(tenant.instance_id, NEVER))
            case SyncApplication(application):
                applications = {name: each for name, each in applications.items() if name != application.instance_id}
                applications[application.instance_id] = application
            case SyncUsers() if command.at.synced_ms > unbound.get(command.instance_id, NEVER):
                for user in command.users:
                    known = users.setdefault(user.user_name, {})
                    known.pop((command.instance_id, command.app_id), None)
                    known[command.instance_id, command.app_id] = user
            case SyncDepartment():
                departments[command.department.org_code] = command.department
            case SyncDepartments():
                departments = {code: replace(each, stale=True) for code, each in departments.items()}
                departments |= {each.org_code: each for each in command.departments}
    best = {name: _best(list(known.values())) for name, known in users.items()}
    present = {name: user for name, user in best.items() if user.state is not AuthorisationStatus.DELETED}
    gone = bool(tenants) and all(tenant.deleted for tenant in tenants.values())
    return View(
        tenants=_latest_first(tenants.values()),
        application=next(iter(_latest_first(applications.values())), None),
        users=best,
        members={org: sorted(name for name, user in present.items() if user.org_code == org) for org in orgs},
        departments=[each for _, each in sorted(departments.items()) if not each.deleted and not gone],
    )


def _unbound(in_order: Iterable[Sync]) -> dict[str, int]:
    deletions = (each for each in in_order if isinstance(each, SyncTenant) and each.tenant.deleted)
    return {each.tenant.instance_id: each.at.synced_ms for each in deletions}


def _latest_first(in_order: Iterable[B]) -> list[B]:
    latest_first = list(in_order)[::-1]
    return sorted(latest_first, key=lambda each: each.deleted)


def _best(in_order: list[User]) -> User:
    return next((user for user in reversed(in_order) if user.may_enter), in_order[-1])


def shown(directory: Directory, tenant_id: str, orgs: Sequence[str], limit: int = 2) -> View:
    """What the directory shows, read by pages, each part in two ways where there are two."""
    users = {user.user_name: user for user in all_users(directory, tenant_id, limit)}
    assert {name: directory.user(tenant_id, name) for name in users} == users
    departments = all_departments(directory, tenant_id, limit)
    in_tree = [each for branch in directory.tree(tenant_id) for _, each in branch.walk()]
    assert sorted(in_tree, key=lambda each: each.org_code) == departments
    return View(
        tenants=directory.tenants(tenant_id),
        application=directory.application(tenant_id, None),
        users=users,
        members={org: sorted(all_members(directory, tenant_id, org, limit)) for org in orgs},
        departments=departments,
    )


def all_users(directory: Directory, tenant_id: str, limit: int) -> list[User]:
    """All pages of users; nobody stands on two."""
    found: list[User] = []
    after = None
    while True:
        page = directory.users(tenant_id, limit, after)
        assert len(page.users) <= limit
        found += page.users
        if page.next is None:
            assert len({user.user_name for user in found}) == len(found)
            return found
        after = page.next


def all_members(directory: Directory, tenant_id: str, org_code: str, limit: int) -> list[str]:
    """The names on all pages of a department's members."""
    found: list[str] = []
    after = None
    while True:
        page = directory.members(tenant_id, org_code, limit, after)
        found += [user.user_name for user in page.users]
        if page.next is None:
            return found
        after = page.next


def all_departments(directory: Directory, tenant_id: str, limit: int) -> list[Department]:
    """All pages of departments."""
    found: list[Department] = []
    after = None
    while True:
        page = directory.departments(tenant_id, limit, after)
        found += page.departments
        if page.next is None:
            return found
        after = page.next


def put(directory: Directory, command: Sync) -> None:
    """Store what a command says."""
    match command:
        case SyncTenant():
            directory.put_tenant(command)
        case SyncApplication():
            directory.put_application(command)
        case SyncUsers():
            directory.put_users(command)
        case SyncDepartment():
            directory.put_department(command)
        case SyncDepartments():
            directory.put_departments(command)
