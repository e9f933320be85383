"""Bodies of the sync interfaces, and the steps that send them (joint operation, sections 1.2 to 1.6 and 2)."""

import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from emulator.checks import Expected, Reading
from emulator.conformance.call_factory import INSTANCE, ORDER, CallFactory
from emulator.conformance.case import Play
from emulator.conformance.case_builders import NO_ENTRY_OR_BAD, calls
from emulator.conformance.encoding import compact
from emulator.conformance.step import Step
from emulator.conformance.v2_signatures import digits
from emulator.order_ids import business_id
from emulator.wire.calls import members_of
from emulator.wire.client_secret import encrypt_secret
from emulator.wire.sync_calls import stamp
from shared.commands import Version
from shared.http import HttpRequest
from shared.protocol.sync.signing import sign_payload

TENANT, APP = "68cbc86abc2018ab880d92f36422fa0e", "conformance-check"
USERS = 500
"""Users of one call at most."""

_IDS = {"instanceId": INSTANCE, "tenantId": TENANT}
Body = Callable[[CallFactory, Version], dict[str, Any]]


def tenant(_desk: CallFactory, _version: Version) -> dict[str, Any]:
    """An enterprise; its domain name comes without a scheme, as received by others."""
    texts = {
        "orderId": ORDER,
        "tenantCode": "example.com",
        "name": "测试企业",
        "domainName": "example.tenantaccount.com",
    }
    return {**_IDS, **texts, "flag": 1}


def nobody(factory: CallFactory, version: Version) -> dict[str, Any]:
    """An enterprise without its id."""
    return {name: value for name, value in tenant(factory, version).items() if name != "tenantId"}


def application(factory: CallFactory, _version: Version) -> dict[str, Any]:
    """A sign-in client with its secret."""
    secret = encrypt_secret(factory.keys.rsa_public_key, "conformance-secret")
    return {**_IDS, "appId": APP, "clientId": "conformance-client", "clientSecret": secret, "flag": 1}


def users(factory: CallFactory, version: Version, number: int = 2) -> dict[str, Any]:
    """Users: an array in version 2, the text of one in version 1."""
    user = {"name": "张三", "orgCode": "10000", "role": "user", "enable": "true"}
    some = [{"userName": f"check-{index}", **user} for index in range(number)]
    value = some if version is Version.V2 else json.dumps(some, ensure_ascii=False)
    return {**_IDS, "appId": APP, "userList": value, "currentSyncTime": stamp(factory.clock.now()), "flag": 1}


def department(_desk: CallFactory, _version: Version) -> dict[str, Any]:
    """A department at the top."""
    return {**_IDS, "orgCode": "10000", "orgName": "开发部", "parentCode": "", "flag": 1}


def departments(_desk: CallFactory, version: Version) -> dict[str, Any]:
    """All departments, flat; one has a parent that is not among them."""
    name = "orgName" if version is Version.V2 else "name"
    some = [
        {"orgCode": "10000", name: "开发部", "parentCode": ""},
        {"orgCode": "10001", name: "测试部", "parentCode": "265789314"},
    ]
    if version is Version.V2:
        return {**_IDS, "orgInfoList": some}
    return {**_IDS, "orgInfo": json.dumps(some, ensure_ascii=False)}


def sync(name: str, body: Body, version: Version, *, times: int = 1, **more: Any) -> Play:
    """A debug call of interface ``name``, so many times; ``more`` goes over the body, ``None`` leaves a member out."""

    def make(factory: CallFactory) -> Step:
        members = {k: v for k, v in (body(factory, version) | more).items() if v is not None}
        return step(factory, version, name, members)

    return calls(*[make] * times)


def step(factory: CallFactory, version: Version, name: str, members: Mapping[str, Any], **expected: Any) -> Step:
    """A debug call, its members sorted and without spaces, which both readings of the rule sign alike."""
    now = stamp(factory.clock.now())
    body = compact({**members, "testFlag": 1, "timeStamp": now}, sort=True)
    send = factory.sync_v1.send if version is Version.V1 else factory.sync_v2.send
    key = factory.keys.key if version is Version.V1 else factory.keys.sync_key
    return Step(lambda: send(name, body), replace(Expected(version, name, key), **expected))


def refused(version: Version, alter: Callable[[HttpRequest], HttpRequest], codes: tuple[str, ...]) -> Play:
    """A debug call, altered after it was signed."""

    def make(factory: CallFactory) -> Step:
        right = step(factory, version, "tenantSync", tenant(factory, version), codes=codes)
        return replace(right, make=lambda: alter(right.make()))

    return calls(make)


def posing(version: Version, own: tuple[str, Body], other: str, mark: str) -> Play:
    """A deletion that is signed for one interface and sent to another, with a member appended that is not signed."""
    name, body = own
    blank = b"null" if version is Version.V2 else b'""'

    def alter(request: HttpRequest) -> HttpRequest:
        more = b',"' + mark.encode() + b'":' + blank + b"}"
        return replace(request, path=request.path.replace(name, other), body=request.body[:-1] + more)

    def make(factory: CallFactory) -> Step:
        right = step(factory, version, name, {**body(factory, version), "flag": 0}, codes=NO_ENTRY_OR_BAD)
        return replace(right, make=lambda: alter(right.make()))

    return calls(make)


def tenant_twice(request: HttpRequest) -> HttpRequest:
    """The call with a second tenant at the end of its body."""
    return replace(request, body=request.body[:-1] + f',"tenantId":"{business_id()}"}}'.encode())


def swallowed(request: HttpRequest) -> HttpRequest:
    """The call with ``orderId`` moved into the value before it, which leaves what version 1 signs as it was."""
    members = dict(members_of(request.body))
    members["name"] += f"&orderId={members.pop('orderId')}"
    return replace(request, body=compact(members))


def moved_digits(factory: CallFactory) -> Step:
    """A call signed with a time in milliseconds, of which the last ten digits are now."""
    right = step(factory, Version.V2, "tenantSync", tenant(factory, Version.V2), codes=NO_ENTRY_OR_BAD)

    def make() -> HttpRequest:
        (nonce, timestamp), body = digits(factory), right.make().body
        sent = factory.sync_v2.send("tenantSync", body, nonce=nonce)
        sign = sign_payload(factory.keys.sync_key, nonce, timestamp, body)
        return replace(sent, headers={**sent.headers, "x-sign": sign, "x-timestamp": timestamp})

    return replace(right, make=make)


def again(factory: CallFactory) -> Generator[Step, Reading, None]:
    """The very same call, twice."""
    right = step(factory, Version.V2, "tenantSync", tenant(factory, Version.V2))
    request = right.make()
    for _ in range(2):
        yield replace(right, make=lambda: request)


def header(name: str, change: Callable[[str], str] | None) -> Callable[[HttpRequest], HttpRequest]:
    """Changes a header, or leaves it out."""

    def alter(request: HttpRequest) -> HttpRequest:
        others = {each: value for each, value in request.headers.items() if each != name}
        return replace(request, headers=others if change is None else {**others, name: change(request.headers[name])})

    return alter


def other_tenant(request: HttpRequest) -> HttpRequest:
    """The call with another tenant in its body."""
    return replace(request, body=request.body.replace(TENANT.encode(), business_id().encode()))


def unsorted(factory: CallFactory) -> Step:
    """A body from Z to A, signed in the order of names, as the marketplace's own sample verifies it."""
    right = step(factory, Version.V2, "tenantSync", tenant(factory, Version.V2))
    body = compact(dict(sorted(members_of(right.make().body).items(), reverse=True)))
    return replace(right, make=lambda: factory.sync_v2.send("tenantSync", body))


def used_nonce(factory: CallFactory) -> Generator[Step, Reading, None]:
    """A nonce, and the same nonce with another call."""
    nonce = business_id()
    for body, codes in ((tenant, None), (department, NO_ENTRY_OR_BAD)):
        name = "tenantSync" if body is tenant else "singleOrgSync"
        right = step(factory, Version.V2, name, body(factory, Version.V2))
        content = right.make().body
        expected = right.expected if codes is None else replace(right.expected, codes=codes)
        yield Step(partial(factory.sync_v2.send, name, content, nonce=nonce), expected)
    return None
