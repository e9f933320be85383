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
UNSIGNED = "The signature covers neither the path nor members that are null or blank: strangers can change them."
OWN_ONLY = "Drop members that were not signed; answer 000002 to a body that belongs to another interface."
NONE_LEFT = "Deleting what is not there is a success. Do not ask whether the instance still exists."


def _shared(version: Version) -> tuple[Case, ...]:
    """What both versions ask for."""
    group = CaseGroup(
        version.value,
        "sync",
        "key" if version is Version.V1 else "sync_key",
        sources.SYNC,
        "All five interfaces are compulsory for products in joint operation; saved cases run twice a day.",
        "Serve the interface below the production address; with testFlag=1 touch nothing and answer 000000.",
        sync=True,
    )
    refusal = group._replace(
        prefix="sync-refused",
        says=Says(),
        why="Anybody can reach the address. Only the signature tells the marketplace from others.",
        advice="Compute the signature over the body and compare in constant time; answer 000001 if it differs.",
    )
    signature = SIGNATURES[version]
    return (
        group.case("tenant", "tenantSync", sync("tenantSync", tenant, version)),
        group.case(
            "tenant-credential",
            "tenantSync: instanceId and orderId are empty",
            sync("tenantSync", tenant, version, instanceId="", orderId=""),
            why="They are empty while you apply for the application's credential: nobody has bought anything yet.",
            advice="Accept both empty, and store the tenant all the same.",
        ),
        group.case(
            "tenant-again",
            "tenantSync: twice",
            sync("tenantSync", tenant, version, times=2),
            advice="A repeated addition makes no second record and is a success.",
        ),
        group.case(
            "tenant-deleted",
            "tenantSync: deleted twice",
            sync("tenantSync", tenant, version, times=2, flag=0),
            advice=NONE_LEFT,
        ),
        group.case(
            "application",
            "applicationSync: with an encrypted client secret",
            sync("applicationSync", application, version),
            also=("rsa_public_key",),
            advice="Decrypt clientSecret with RSA-OAEP (SHA-256, then the other hashes) and your private key.",
        ),
        group.case("users", "authSync: two users", sync("authSync", users, version)),
        group.case(
            "users-many",
            f"authSync: {USERS} users",
            sync("authSync", lambda factory, version: users(factory, version, USERS), version),
            advice="One call brings up to 500 users: let bodies be large, and answer within 5 seconds.",
        ),
        group.case("users-deleted", "authSync: deleted", sync("authSync", users, version, flag=0), advice=NONE_LEFT),
        group.case("department", "singleOrgSync", sync("singleOrgSync", department, version)),
        group.case(
            "department-unknown-parent",
            "singleOrgSync: the parent is not known",
            sync("singleOrgSync", department, version, parentCode="265789314"),
            why="No page promises an order of the calls; a parent may come later.",
            advice="Store the department with the parent's code, and join them when the parent comes.",
        ),
        group.case(
            "department-deleted",
            "singleOrgSync: deleted twice",
            sync("singleOrgSync", department, version, times=2, flag=0),
            advice=NONE_LEFT,
        ),
        group.case("departments", "allOrgSync", sync("allOrgSync", departments, version, times=2)),
        group.case(
            "unknown",
            "members nobody has documented yet",
            sync("tenantSync", tenant, version, futureField="new"),
            advice="Sign all members received, and ignore unknown ones.",
        ),
        refusal.case("wrong-signature", "signature is wrong", refused(version, header(signature, spoilt), NO_ENTRY)),
        refusal.case(
            "no-signature", "signature is missing", refused(version, header(signature, None), NO_ENTRY_OR_BAD)
        ),
        refusal.case("changed", "the body was changed after signing", refused(version, other_tenant, NO_ENTRY)),
        refusal.case(
            "tenant-twice",
            "a member that is there already was appended",
            refused(version, tenant_twice, NO_ENTRY),
            advice="Verify what you use: of a name that stands twice the last value counts, in the signature too.",
        ),
        refusal.case(
            "department-as-tenant",
            "a department's deletion, sent to tenantSync",
            posing(version, ("singleOrgSync", department), "tenantSync", "domainName"),
            why=UNSIGNED,
            advice=OWN_ONLY,
        ),
        refusal.case(
            "users-as-application",
            "users' deletion, sent to applicationSync",
            posing(version, ("authSync", users), "applicationSync", "clientId"),
            why=UNSIGNED,
            advice=OWN_ONLY,
        ),
        refusal.case(
            "no-tenant",
            "tenantSync without tenantId",
            calls(lambda factory: step(factory, version, "tenantSync", nobody(factory, version), codes=BAD_CALL)),
            why="What cannot be stored must not look stored.",
            advice="Answer 000002 with HTTP 200; name the member in resultMsg.",
        ),
    )


_V2 = CaseGroup(
    "v2",
    "sync",
    "sync_key",
    sources.SYNC,
    "Version 2 has values that version 1 has not.",
    "Accept flag 2 (name and domain change), and in authSync flag 3 (may no longer use the application).",
    sync=True,
)

V1_SYNC: tuple[Case, ...] = (
    *_shared(Version.V1),
    _V2._replace(version="v1", prefix="sync-refused", key="key", says=Says()).case(
        "swallowed",
        "a member is hidden in the value before it",
        refused(Version.V1, swallowed, NO_ENTRY_OR_BAD),
        why="What is signed joins names and values unescaped, so the signature still fits.",
        advice="Refuse a value that holds &, the name of another documented member and =.",
    ),
)
_V2_CASES: tuple[Case, ...] = (
    *_shared(Version.V2),
    _V2.case("tenant-changed", "tenantSync: flag=2", sync("tenantSync", tenant, Version.V2, flag=2)),
    _V2.case("users-revoked", "authSync: flag=3", sync("authSync", users, Version.V2, flag=3)),
    _V2.case(
        "order",
        "the body's members stand in another order than they are signed in",
        calls(unsorted),
        why="The marketplace's own sample signs the body after sorting its names; the page says to sort, too.",
        advice="Sort the top-level names, leave out null, write compact JSON and sign that; or try the bytes received.",
    ),
    _V2.case(
        "again",
        "the very same call is sent twice",
        again,
        why="After a broken connection HTTP clients send a call again; it must be answered, and change nothing more.",
        advice="Remember the nonce with the signature: same nonce and same signature is the same call, so answer it "
        "as you did the first time.",
        advised=True,
    ),
    _V2._replace(prefix="sync-refused", says=Says()).case(
        "moved-digits",
        "digits of x-timestamp were moved into x-nonce",
        calls(moved_digits),
        why="Both are signed as one text: the last ten digits of a time in milliseconds come to be the present again.",
        advice="Take 13 digits, or ten only if the nonce does not end in three digits.",
    ),
    _V2._replace(prefix="sync-refused", says=Says()).case(
        "used-nonce",
        "a nonce comes again with another call",
        used_nonce,
        why="The nonce is there so that nothing can be sent twice; it works only if it is remembered.",
        advice="Keep each nonce for two minutes in a store that all your processes share.",
    ),
)
V2_SYNC: tuple[Case, ...] = tuple(sorted(_V2_CASES, key=lambda case: "-refused." in case.id))
