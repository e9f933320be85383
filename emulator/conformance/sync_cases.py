"""The five sync interfaces of products in joint operation, in both versions (joint operation, sections 1 and 2)."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from emulator.conformance import sources
from emulator.conformance.alterations import moved_digits, setting, unsorted, used_nonce, without, written
from emulator.conformance.case import Case, Says
from emulator.conformance.case_builders import BAD_CALL, NO_ENTRY, NO_ENTRY_OR_BAD, CaseGroup, Fields, twice
from emulator.order_ids import business_id
from emulator.wire.calls import compact, members_of, spoilt
from emulator.wire.sync_fields import TENANT, USERS, Body, application, department, departments, tenant, users
from shared.commands import Version
from shared.http import HttpRequest

SIGNATURES = {Version.V1: "authtoken", Version.V2: "x-sign"}


def of(body: Body, version: Version, **more: Any) -> Fields:
    """A body, with ``more`` over it; ``None`` leaves a member out."""
    return lambda factory: {
        name: value for name, value in (body(version, factory.keys, factory.clock) | more).items() if value is not None
    }


def posing(version: Version, own: str, other: str, mark: str) -> Callable[[HttpRequest], HttpRequest]:
    """The call sent to another interface than it was signed for, with a member appended that is not signed."""
    blank = b"null" if version is Version.V2 else b'""'

    def alter(request: HttpRequest) -> HttpRequest:
        more = b',"' + mark.encode() + b'":' + blank + b"}"
        return replace(request, path=request.path.replace(own, other), body=request.body[:-1] + more)

    return alter


def tenant_twice(request: HttpRequest) -> HttpRequest:
    """The call with a second tenant at the end of its body."""
    return replace(request, body=request.body[:-1] + f',"tenantId":"{business_id()}"}}'.encode())


def other_tenant(request: HttpRequest) -> HttpRequest:
    """The call with another tenant in its body."""
    return replace(request, body=request.body.replace(TENANT.encode(), business_id().encode()))


def swallowed(request: HttpRequest) -> HttpRequest:
    """The call with ``orderId`` moved into the value before it, which leaves what version 1 signs as it was."""
    members = dict(members_of(request.body))
    members["name"] += f"&orderId={members.pop('orderId')}"
    return replace(request, body=compact(members))


def _groups(version: Version, kind: str = "default") -> tuple[CaseGroup, CaseGroup]:
    """Of what must be taken, and of what must be refused."""
    group = CaseGroup(version, "sync", sources.SYNC, kind=kind, sync=True)
    return group, replace(group, prefix="sync-refused", says=Says())


def _shared(version: Version) -> tuple[Case, ...]:
    """What both versions ask for."""
    group, refusal = _groups(version)
    body, signature = partial(of, version=version), SIGNATURES[version]
    refused = partial(refusal.debug, activity="tenantSync", fields=body(tenant), codes=NO_ENTRY)
    deleted = partial(refusal.debug, codes=NO_ENTRY_OR_BAD)
    as_tenant = posing(version, "singleOrgSync", "tenantSync", "domainName")
    as_application = posing(version, "authSync", "applicationSync", "clientId")
    return (
        group.debug("tenant", "tenantSync", body(tenant)),
        group.debug("tenant-credential", "tenantSync", body(tenant, instanceId="", orderId="")),
        group.debug("tenant-again", "tenantSync", body(tenant), times=2),
        group.debug("tenant-deleted", "tenantSync", body(tenant, flag=0), times=2),
        group.debug("application", "applicationSync", body(application)),
        group.debug("users", "authSync", body(users)),
        group.debug("users-many", "authSync", body(partial(users, number=USERS))),
        group.debug("users-deleted", "authSync", body(users, flag=0)),
        group.debug("department", "singleOrgSync", body(department)),
        group.debug("department-unknown-parent", "singleOrgSync", body(department, parentCode="265789314")),
        group.debug("department-deleted", "singleOrgSync", body(department, flag=0), times=2),
        group.debug("departments", "allOrgSync", body(departments), times=2),
        group.debug("unknown", "tenantSync", body(tenant, futureField="new")),
        refused("wrong-signature", alter=setting(signature, spoilt)),
        refused("no-signature", alter=without(signature), codes=NO_ENTRY_OR_BAD),
        refused("changed", alter=other_tenant),
        refused("tenant-twice", alter=tenant_twice),
        deleted("department-as-tenant", "singleOrgSync", body(department, flag=0), alter=as_tenant),
        deleted("users-as-application", "authSync", body(users, flag=0), alter=as_application),
        refused("no-tenant", fields=body(tenant, tenantId=None), codes=BAD_CALL),
    )


_V1_REFUSED = _groups(Version.V1, "newer")[1]
_V2, _V2_REFUSED = _groups(Version.V2, "newer")
_tenant = partial(of, tenant, Version.V2)
_DEPARTMENT = _V2.call("singleOrgSync", of(department, Version.V2), codes=NO_ENTRY_OR_BAD)

V1_SYNC: tuple[Case, ...] = (
    *_shared(Version.V1),
    _V1_REFUSED.debug("swallowed", "tenantSync", of(tenant, Version.V1), alter=swallowed, codes=NO_ENTRY_OR_BAD),
)
_V2_CASES: tuple[Case, ...] = (
    *_shared(Version.V2),
    _V2.debug("tenant-changed", "tenantSync", _tenant(flag=2)),
    _V2.debug("users-revoked", "authSync", of(users, Version.V2, flag=3)),
    _V2.debug("order", "tenantSync", _tenant(), sign=written(unsorted)),
    _V2.case("again", twice(_V2.call("tenantSync", _tenant())), advised=True),
    _V2_REFUSED.case("moved-digits", moved_digits(_V2.call("tenantSync", _tenant(), codes=NO_ENTRY_OR_BAD))),
    _V2_REFUSED.case("used-nonce", used_nonce(_V2.call("tenantSync", _tenant()), _DEPARTMENT)),
)
V2_SYNC: tuple[Case, ...] = tuple(sorted(_V2_CASES, key=lambda case: "-refused." in case.id))
