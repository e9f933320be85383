"""The five sync interfaces of products in joint operation, in both versions (joint operation, sections 1 and 2)."""

from emulator.conformance import sources
from emulator.conformance.case import Case, Says
from emulator.conformance.case_builders import BAD_CALL, NO_ENTRY, NO_ENTRY_OR_BAD, CaseGroup, calls
from emulator.conformance.sync_steps import (
    USERS,
    again,
    application,
    department,
    departments,
    header,
    moved_digits,
    nobody,
    other_tenant,
    posing,
    refused,
    step,
    swallowed,
    sync,
    tenant,
    tenant_twice,
    unsorted,
    used_nonce,
    users,
)
from emulator.wire.calls import spoilt
from shared.commands import Version

SIGNATURES = {Version.V1: "authtoken", Version.V2: "x-sign"}


def _shared(version: Version) -> tuple[Case, ...]:
    """What both versions ask for."""
    group = CaseGroup(version.value, "sync", "key" if version is Version.V1 else "sync_key", sources.SYNC, sync=True)
    refusal = group._replace(prefix="sync-refused", says=Says())
    signature = SIGNATURES[version]
    return (
        group.case("tenant", sync("tenantSync", tenant, version)),
        group.case("tenant-credential", sync("tenantSync", tenant, version, instanceId="", orderId="")),
        group.case("tenant-again", sync("tenantSync", tenant, version, times=2)),
        group.case("tenant-deleted", sync("tenantSync", tenant, version, times=2, flag=0)),
        group.case("application", sync("applicationSync", application, version), also=("rsa_public_key",)),
        group.case("users", sync("authSync", users, version)),
        group.case("users-many", sync("authSync", lambda factory, version: users(factory, version, USERS), version)),
        group.case("users-deleted", sync("authSync", users, version, flag=0)),
        group.case("department", sync("singleOrgSync", department, version)),
        group.case("department-unknown-parent", sync("singleOrgSync", department, version, parentCode="265789314")),
        group.case("department-deleted", sync("singleOrgSync", department, version, times=2, flag=0)),
        group.case("departments", sync("allOrgSync", departments, version, times=2)),
        group.case("unknown", sync("tenantSync", tenant, version, futureField="new")),
        refusal.case("wrong-signature", refused(version, header(signature, spoilt), NO_ENTRY)),
        refusal.case("no-signature", refused(version, header(signature, None), NO_ENTRY_OR_BAD)),
        refusal.case("changed", refused(version, other_tenant, NO_ENTRY)),
        refusal.case("tenant-twice", refused(version, tenant_twice, NO_ENTRY)),
        refusal.case(
            "department-as-tenant", posing(version, ("singleOrgSync", department), "tenantSync", "domainName")
        ),
        refusal.case("users-as-application", posing(version, ("authSync", users), "applicationSync", "clientId")),
        refusal.case(
            "no-tenant",
            calls(lambda factory: step(factory, version, "tenantSync", nobody(factory, version), codes=BAD_CALL)),
        ),
    )


_V2 = CaseGroup("v2", "sync", "sync_key", sources.SYNC, kind="newer", sync=True)

V1_SYNC: tuple[Case, ...] = (
    *_shared(Version.V1),
    _V2._replace(version="v1", prefix="sync-refused", key="key", says=Says()).case(
        "swallowed", refused(Version.V1, swallowed, NO_ENTRY_OR_BAD)
    ),
)
_V2_CASES: tuple[Case, ...] = (
    *_shared(Version.V2),
    _V2.case("tenant-changed", sync("tenantSync", tenant, Version.V2, flag=2)),
    _V2.case("users-revoked", sync("authSync", users, Version.V2, flag=3)),
    _V2.case("order", calls(unsorted)),
    _V2.case("again", again, advised=True),
    _V2._replace(prefix="sync-refused", says=Says()).case("moved-digits", calls(moved_digits)),
    _V2._replace(prefix="sync-refused", says=Says()).case("used-nonce", used_nonce),
)
V2_SYNC: tuple[Case, ...] = tuple(sorted(_V2_CASES, key=lambda case: "-refused." in case.id))
